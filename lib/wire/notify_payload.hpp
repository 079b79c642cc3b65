// The Notify payload (RFC 7296 section 3.10).
#pragma once

#include <expected>
#include <optional>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |  protocol ID  |    SPI size   |          notify type          |
///     +---------------+---------------+---------------+---------------+
///   4 |  SPI ...
///     +---------------+---
///     |  data ...
///     +---------------+---
struct NotifyPayload {
    static constexpr PayloadType type = PayloadType::notify;

    ProtocolId protocol = ProtocolId::none;
    /// 0 to 255 octets. A protocol without an SPI has to be ignored, so no pair of the two is
    /// refused here. Owner: the octets that were parsed, or the builder's.
    ByteView spi;
    NotifyType notify_type{};
    /// Its form is the type's matter. Owner: as of `spi`.
    ByteView data;

    static std::expected<NotifyPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;

    /// The SPI where it is one of AH or ESP and of 4 octets (REKEY_SA, CHILD_SA_NOT_FOUND).
    std::optional<EspSpi> esp_spi() const;
};

}  // namespace xfrmd::wire
