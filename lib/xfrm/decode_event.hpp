// What comes on the socket that listens to the kernel's multicast groups.
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "xfrm/event.hpp"

namespace xfrmd::xfrm {

/// Reads a received buffer into events, in order. NEWSA and DELSA events hold keys: wipe the
/// buffer afterwards.
///
/// Only what concerns our own reqids and policy indices becomes an event. What we did ourselves,
/// told by `own_port_id`, does not. Somebody else's deletion of what is ours, a flush, and a buffer
/// that cannot be read to its end all become `StateUncertain`.
std::vector<Event> decode_events(ByteView buffer, std::uint32_t own_port_id);

}  // namespace xfrmd::xfrm
