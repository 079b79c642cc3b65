// How large a packet a tunnel carries without the outer one being fragmented.
#pragma once

#include <cstdint>

#include "base/ip_address.hpp"
#include "crypto/suite.hpp"

namespace xfrmd::xfrm {

/// Least MTU of a tunnel: IPv6 does not work over a link with less (RFC 8200 section 5), and the
/// kernel takes IPv6 off an interface that is set below. Where the underlay leaves less room, the
/// outer packets are fragmented instead.
inline constexpr std::uint32_t tunnel_mtu_min = 1280;

/// The largest inner packet in tunnel mode, at least `tunnel_mtu_min`.
///
/// An ESP packet (RFC 4303 section 2) is
///   outer IP header (20 or 40) | UDP header if encapsulated (8) | SPI and sequence number (8) | IV
///   | inner packet, padding, pad length and next header (2), a multiple of the block | ICV
/// where the block is the cipher's but at least 4 (RFC 4303 section 2.4). What is left for the
/// inner packet: the room for ciphertext rounded down to the block, less 2.
std::uint32_t tunnel_mtu(std::uint32_t underlay_mtu, const crypto::EspSuite& suite, IpFamily outer,
                         bool encapsulated);

}  // namespace xfrmd::xfrm
