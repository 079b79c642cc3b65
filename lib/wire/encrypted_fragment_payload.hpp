// The Encrypted Fragment payload, SKF (RFC 7383 section 2.5).
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
///   0 |        fragment number        |        total fragments        |
///     +---------------+---------------+---------------+---------------+
///   4 |  initialization vector ...
///     +---------------+---
///     |  encrypted: part of the payloads, padding, length of the padding (one octet) ...
///     +---------------+---
///     |  integrity check value ...
///     +---------------+---
struct EncryptedFragmentPayload {
    static constexpr PayloadType type = PayloadType::encrypted_fragment;
    /// Octets of number and total, for one that is built in place.
    static constexpr std::size_t fixed_size = 4;

    /// The type of the first payload inside; `none` in every fragment but the first.
    PayloadType first_inner = PayloadType::none;
    /// Counts from 1.
    std::uint16_t number = 1;
    /// At least `number`. How many are taken is the reassembly's matter.
    std::uint16_t total = 1;
    /// From the initialization vector to the check value. Owner: the octets that were parsed, or
    /// the builder's.
    ByteView body;

    /// Errors: number or total 0, number over total, a first payload named in a later fragment, an
    /// empty body.
    static std::expected<EncryptedFragmentPayload, ParseError> parse(PayloadType first_inner,
                                                                     ByteView body);
    /// Number, total and body: a ChainWriter puts `first_inner` into the generic header.
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
