// The Identification payloads IDi and IDr (RFC 7296 section 3.5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |    ID type    |                    reserved                   |
///     +---------------+---------------+---------------+---------------+
///   4 |  identification data ...
///     +---------------+---
struct IdPayload {
    /// An identity is kept with its SA and printed: 2048 octets hold every name of the DNS (255)
    /// and mail address (320), and distinguished names many times the usual 200.
    static constexpr std::size_t max_data = 2048;
    /// Octets of data that `to_text` shows before it writes "...": a whole DNS name fits.
    static constexpr std::size_t max_printed = 256;

    IdType id_type{};
    /// 4 octets of an IPv4, 16 of an IPv6 address; else opaque, also empty. Owner: the octets that
    /// were parsed, or the builder's.
    ByteView data;
    /// Zero from us. A peer's are kept as they came: AUTH covers them (RFC 7296 section 2.15).
    std::array<std::uint8_t, 3> reserved{};

    /// Errors name IDi; a message's parser corrects that.
    static std::expected<IdPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;

    /// For people, in one line: "192.0.2.1", "gw.example.org", "0x30450c..." for what is not text.
    /// What is not printable ASCII is written as "\x1b", as are the quotation mark and backslash.
    std::string to_text() const;
};

}  // namespace xfrmd::wire
