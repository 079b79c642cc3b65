// The Nonce payload (RFC 7296 section 3.9).
#pragma once

#include <cstddef>
#include <expected>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///     +---------------+---
///   0 |  nonce, 16 to 256 octets ...
///     +---------------+---
struct NoncePayload {
    static constexpr PayloadType type = PayloadType::nonce;
    /// "The size of the Nonce Data MUST be between 16 and 256 octets, inclusive."
    static constexpr std::size_t min_size = 16;
    static constexpr std::size_t max_size = 256;

    /// Owner: the octets that were parsed, or the builder's.
    ByteView data;

    static std::expected<NoncePayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
