// The Authentication payload (RFC 7296 section 3.8).
#pragma once

#include <expected>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |  auth method  |                    reserved                   |
///     +---------------+---------------+---------------+---------------+
///   4 |  signature or MAC ...
///     +---------------+---
struct AuthPayload {
    static constexpr PayloadType type = PayloadType::authentication;

    AuthMethod method{};
    /// Its form is the method's matter; an empty one parses, and verifies nothing. Owner: the
    /// octets that were parsed, or the builder's.
    ByteView data;

    static std::expected<AuthPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
