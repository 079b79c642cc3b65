// The Key Exchange payload (RFC 7296 section 3.4).
#pragma once

#include <expected>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |      key exchange method      |            reserved           |
///     +---------------+---------------+---------------+---------------+
///   4 |  public value ...
///     +---------------+---
struct KeyExchangePayload {
    static constexpr PayloadType type = PayloadType::key_exchange;

    KeyExchangeMethod method = KeyExchangeMethod::none;
    /// The sender's public value. Its size is the method's matter and is checked with it. Owner:
    /// the octets that were parsed, or the builder's.
    ByteView data;

    static std::expected<KeyExchangePayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
