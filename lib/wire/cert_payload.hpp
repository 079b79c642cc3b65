// The Certificate payload (RFC 7296 section 3.6).
#pragma once

#include <expected>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1
///     +---------------+---------------+---
///   0 | cert encoding |  certificate, CRL, or hash and URL ...
///     +---------------+---------------+---
struct CertPayload {
    static constexpr PayloadType type = PayloadType::certificate;

    CertEncoding encoding{};
    /// Opaque here. Owner: the octets that were parsed, or the builder's.
    ByteView data;

    static std::expected<CertPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
