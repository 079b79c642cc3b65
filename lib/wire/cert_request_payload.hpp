// The Certificate Request payload (RFC 7296 section 3.7).
#pragma once

#include <expected>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1
///     +---------------+---------------+---
///   0 | cert encoding |  certification authorities ...
///     +---------------+---------------+---
struct CertRequestPayload {
    static constexpr PayloadType type = PayloadType::certificate_request;

    CertEncoding encoding{};
    /// For X.509 encodings: the SHA-1 hashes of the trusted authorities' SubjectPublicKeyInfo, 20
    /// octets each, one after the other. A hint only, so its size is not checked here. Owner: the
    /// octets that were parsed, or the builder's.
    ByteView authorities;

    static std::expected<CertRequestPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
