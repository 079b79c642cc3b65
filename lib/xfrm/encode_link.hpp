// XFRM interfaces: operations to NETLINK_ROUTE messages.
#pragma once

#include "xfrm/netlink_writer.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// RTM_NEWLINK of kind "xfrm", up at once; refused if the name or the interface id is taken.
/// An `underlay_index` or an `mtu` of 0 is left to the kernel. With `replace` it changes one that
/// is there, and refuses if there is none.
WipedBytes encode(const CreateInterface& create, MessageTag tag);
/// RTM_DELLINK by name.
WipedBytes encode(const DeleteInterface& remove, MessageTag tag);

}  // namespace xfrmd::xfrm
