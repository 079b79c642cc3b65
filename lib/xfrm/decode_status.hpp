// What the kernel holds: NEWSA and NEWPOLICY messages, as answers, in dumps and in events.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// The payload of a NEWSA message. Nothing if it is malformed or not ESP in tunnel or transport
/// mode. The keys in it are passed over.
std::optional<SaStatus> decode_sa(ByteView payload);

/// The payload of a NEWPOLICY message. Nothing if it is malformed or of no direction of ours, such
/// as a socket's own policy. A template that is not ESP in tunnel or transport mode reads as none.
std::optional<PolicyStatus> decode_policy(ByteView payload);

}  // namespace xfrmd::xfrm
