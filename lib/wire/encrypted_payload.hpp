// The Encrypted payload, SK (RFC 7296 section 3.14).
#pragma once

#include <expected>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///     +---------------+---
///   0 |  initialization vector ...
///     +---------------+---
///     |  encrypted: payloads, padding, length of the padding (one octet) ...
///     +---------------+---
///     |  integrity check value ...
///     +---------------+---
struct EncryptedPayload {
    static constexpr PayloadType type = PayloadType::encrypted;

    /// The type of the first payload inside: the generic header's next payload.
    PayloadType first_inner = PayloadType::none;
    /// From the initialization vector to the check value; how it divides is the algorithm's
    /// matter. Owner: the octets that were parsed, or the builder's.
    ByteView body;

    /// Errors: an empty body, which cannot hold even the length of the padding.
    static std::expected<EncryptedPayload, ParseError> parse(PayloadType first_inner,
                                                             ByteView body);
    /// The body only: a ChainWriter puts `first_inner` into the generic header.
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
