// A traffic selector (RFC 7296 section 3.13.1).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

#include "base/bytes.hpp"
#include "base/ip_address.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |    TS type    |  IP protocol  |            length             |
///     +---------------+---------------+---------------+---------------+
///   4 |          start port           |           end port            |
///     +---------------+---------------+---------------+---------------+
///   8 |  first address, 4 or 16 octets ...
///     +---------------+---
///     |  last address, 4 or 16 octets ...
///     +---------------+---
struct TrafficSelector {
    /// Octets in front of the addresses.
    static constexpr std::size_t header_size = 8;

    /// An IP protocol number; 0 means any.
    std::uint8_t protocol = 0;
    /// 0 to 65535 means any port. 65535 to 0 means OPAQUE: packets whose ports cannot be seen. For
    /// ICMP and ICMPv6 the type is the high octet, the code the low one.
    std::uint16_t start_port = 0;
    std::uint16_t end_port = 65535;
    IpRange addresses;

    bool any_port() const { return start_port == 0 && end_port == 65535; }
    bool opaque_ports() const { return start_port == 65535 && end_port == 0; }

    /// `body` is one whole selector, from its type to its last address. Errors: a type that is no
    /// address range, another size than the type's, start behind end (but for OPAQUE), the first
    /// address behind the last. They name TSi; a message's parser corrects that.
    static std::expected<TrafficSelector, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;

    /// "10.1.0.0/24", "10.1.0.0/24 tcp/443", "10.1.0.0/24 udp/1000-2000", "2001:db8::/64
    /// icmp6/128", "10.1.0.0/24 tcp/opaque", "10.1.0.0/24 any/53".
    std::string to_text() const;
    friend auto operator<=>(const TrafficSelector&, const TrafficSelector&) = default;
};

}  // namespace xfrmd::wire
