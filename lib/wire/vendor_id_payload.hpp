// The Vendor ID payload (RFC 7296 section 3.12).
#pragma once

#include <expected>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///     +---------------+---
///   0 |  vendor ID ...
///     +---------------+---
struct VendorIdPayload {
    static constexpr PayloadType type = PayloadType::vendor_id;

    /// Opaque; may be empty. Owner: the octets that were parsed, or the builder's.
    ByteView data;

    static std::expected<VendorIdPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
