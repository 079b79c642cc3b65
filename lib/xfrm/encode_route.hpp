// The message that asks for a route.
#pragma once

#include "xfrm/netlink_writer.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// RTM_GETROUTE for one pair of addresses, of one family.
WipedBytes encode(const QueryRoute& query, MessageTag tag);

}  // namespace xfrmd::xfrm
