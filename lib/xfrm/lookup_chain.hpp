// Which reqid an SA and the outbound policy that leads to it have, so that the kernel finds the SA.
//
// Linux up to 6.12 (xfrm_state_find) looks for a packet-mode SA in one chain of a hash table, and
// ends its search at the first SA there that is not in packet mode: whatever stands in front, of
// whatever tunnel, hides the ones behind it, and their packets are dropped. The chain is made of
// family, reqid and outer addresses (net/xfrm/xfrm_hash.h). So each phase 2 has two reqids, which
// differ in their lowest bit, and which of the two an SA has depends on the chain that it comes to:
// those of odd numbers have SAs in packet mode alone, the others all the rest.
#pragma once

#include "base/ip_address.hpp"
#include "base/strong.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// The even one of a phase 2's two reqids, by which the phase 2 is known.
constexpr Reqid base_reqid(Reqid reqid) {
    return Reqid(reqid.value() & ~1U);
}

/// Pairs are numbered from 0. The last one is of throw-away SAs that try out what devices can do.
inline constexpr std::uint32_t last_reqid_pair = (1U << 23) - 1;

/// The even reqid of a pair, and back.
constexpr Reqid reqid_of_pair(std::uint32_t pair) {
    return Reqid(own_reqid_prefix | pair << 1);
}
constexpr std::uint32_t pair_of_reqid(Reqid reqid) {
    return (reqid.value() & ~own_prefix_mask) >> 1;
}

/// The reqid of an SA between two addresses of one family, in either direction.
Reqid reqid_for(Reqid base, OffloadMode mode, const IpAddress& one, const IpAddress& other);

/// The number of a chain in a table of the smallest size (8) that the kernel makes; larger tables
/// have the same lowest bits.
std::uint32_t lookup_chain(Reqid reqid, const IpAddress& one, const IpAddress& other);

}  // namespace xfrmd::xfrm
