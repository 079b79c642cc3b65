// The Extensible Authentication Protocol payload (RFC 7296 section 3.16, RFC 3748 section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |      code     |   identifier  |  length of the whole message  |
///     +---------------+---------------+---------------+---------------+
///   4 |  type and its data, in requests and responses ...
///     +---------------+---
struct EapPayload {
    static constexpr PayloadType type = PayloadType::extensible_authentication;
    static constexpr std::size_t header_size = 4;

    EapCode code{};
    std::uint8_t identifier = 0;
    /// Starts with the EAP type in a request and a response, is empty in a success and a failure,
    /// and anything in a code without a name. Owner: the octets that were parsed, or the builder's.
    ByteView data;

    static std::expected<EapPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
