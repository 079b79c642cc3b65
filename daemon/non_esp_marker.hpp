// What tells IKE from ESP on port 4500: four zero octets in front (RFC 7296 section 3.1).
#pragma once

#include <array>
#include <optional>

#include "base/bytes.hpp"

namespace xfrmd::daemon {

inline constexpr std::uint16_t ike_port = 500;
inline constexpr std::uint16_t nat_traversal_port = 4500;

inline constexpr std::array<std::uint8_t, 4> non_esp_marker{};
/// All of a NAT keepalive (RFC 3948 section 2.3).
inline constexpr std::uint8_t nat_keepalive_octet = 0xff;

/// The IKE message of a datagram on port 4500. Nothing for ESP, for NAT keepalives, and for what
/// is shorter than an IKE header; the kernel passes up to 8 octets of junk on.
std::optional<ByteView> strip_marker(ByteView datagram);

}  // namespace xfrmd::daemon
