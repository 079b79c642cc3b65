// SA operations to NETLINK_XFRM messages.
#pragma once

#include "xfrm/features.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// The window that an ESN SA gets at least when it receives: the sequence number's high half is
/// inferred from the window (RFC 4303 section 2.2.1), and the kernel refuses ESN without one.
inline constexpr std::uint32_t esn_window_min = 32;

/// One MAPPING event in this many seconds at most, of an SA whose peer's address changes.
inline constexpr std::uint32_t mapping_interval_seconds = 5;

/// NEWSA. The suite must be installable (see algorithms.hpp).
/// Without a selector a tunnel carries either IP family.
WipedBytes encode(const InstallSa& install, const Features& features, MessageTag tag);
/// UPDSA, the same but for its type.
WipedBytes encode(const UpdatePorts& update, const Features& features, MessageTag tag);
/// DELSA.
WipedBytes encode(const DeleteSa& remove, MessageTag tag);
/// ALLOCSPI. It is answered by a NEWSA message before the acknowledgement.
WipedBytes encode(const AllocateSpi& allocate, const Features& features, MessageTag tag);
/// GETSA. The answer holds the SA's keys: wipe what it was received in.
WipedBytes encode(const QuerySa& query, MessageTag tag);
/// All ESP SAs of the namespace, anybody's; the answer ends with a "done" message and holds keys.
WipedBytes encode_sa_dump(MessageTag tag);

}  // namespace xfrmd::xfrm
