// Policy operations to NETLINK_XFRM messages.
#pragma once

#include "xfrm/netlink_writer.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// UPDPOLICY: creates or replaces. Only packet offload reaches the policy; with crypto offload the
/// policy stays the kernel's.
WipedBytes encode(const InstallPolicy& install, MessageTag tag);
/// DELPOLICY.
WipedBytes encode(const DeletePolicy& remove, MessageTag tag);
/// GETPOLICY.
WipedBytes encode(const QueryPolicy& query, MessageTag tag);
/// All policies of the namespace, anybody's; the answer ends with a "done" message.
WipedBytes encode_policy_dump(MessageTag tag);

}  // namespace xfrmd::xfrm
