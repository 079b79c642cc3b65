// The Delete payload (RFC 7296 section 3.11).
#pragma once

#include <cstddef>
#include <expected>
#include <vector>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |  protocol ID  |    SPI size   |         number of SPIs        |
///     +---------------+---------------+---------------+---------------+
///   4 |  SPIs, 4 octets each ...
///     +---------------+---
struct DeletePayload {
    static constexpr PayloadType type = PayloadType::delete_;
    /// A peer that ends more Child SAs than this at once deletes the IKE SA; each SPI costs a
    /// search of ours.
    static constexpr std::size_t max_spis = 1024;

    /// `ike`: this IKE SA ends; `ah`, `esp`: the named SAs of its sender's inbound side.
    ProtocolId protocol = ProtocolId::none;
    /// Empty for `ike`. Repeated and unknown SPIs are kept.
    std::vector<EspSpi> spis;

    /// Errors: a protocol other than these three, an SPI size other than 0 for IKE and 4 for AH and
    /// ESP, a number of SPIs that is not that of the payload.
    static std::expected<DeletePayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
