// The way between the two ends of an IKE SA, and what changes addresses on it.
#pragma once

#include <cstdint>

#include "base/ip_address.hpp"

namespace xfrmd::ike {

/// The port of IKE (RFC 7296 section 2), and the one for IKE and ESP where there is a NAT
/// (section 2.23).
inline constexpr std::uint16_t ike_port = 500;
inline constexpr std::uint16_t nat_traversal_port = 4500;

/// Both ends as we see them: the peer's is that of its NAT, if it has one.
struct Path {
    Endpoint local;
    Endpoint remote;

    friend bool operator==(const Path&, const Path&) = default;
};

/// What IKE_SA_INIT told of NATs; all false: none, or one end does not do NAT traversal.
struct NatFinding {
    bool here = false;   ///< we are behind one
    bool there = false;  ///< the peer is, or says so to have ESP packed into UDP
    /// There is one, or one of the ends insists: IKE goes to port 4500, ESP into UDP.
    bool in_udp = false;

    friend bool operator==(const NatFinding&, const NatFinding&) = default;
};

}  // namespace xfrmd::ike
