// A Child SA as the kernel is told of it: its two SAs and what they ask of policies.
#pragma once

#include "ike/child_sa.hpp"
#include "ike/engine_context.hpp"
#include "ike/ike_sa.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

/// Packets that may come late or out of order and still be taken.
inline constexpr std::uint32_t replay_window = 2048;
/// The same in packet mode: drivers know windows up to this only.
inline constexpr std::uint32_t packet_offload_window = 256;

/// One of a Child SA's two SAs, without its keys.
xfrm::InstallSa half_of(const IkeSa& sa, const ChildSa& child, xfrm::Direction direction);

/// What the policies are to do for a Child SA.
PolicyUse use_of(const IkeSa& sa, const ChildSa& child);

xfrm::DeleteSa inbound_deletion(const ChildSa& child);
xfrm::DeleteSa outbound_deletion(const ChildSa& child);

}  // namespace xfrmd::ike
