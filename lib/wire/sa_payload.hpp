// The Security Association payload with its proposals and transforms (RFC 7296 section 3.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

/// Section 3.3.2.
///
///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 | 3, or 0: last |    reserved   |            length             |
///     +---------------+---------------+---------------+---------------+
///   4 | transform type|    reserved   |         transform ID          |
///     +---------------+---------------+---------------+---------------+
///   8 |  attributes ...
///     +---------------+---
///
/// An attribute (section 3.3.5) is either a type with bit F set and a value of two octets, or a
/// type, a length, and a value of that length:
///
///     +-+-------------+---------------+---------------+---------------+
///     |F|       attribute type        |        value or length        |
///     +-+-------------+---------------+---------------+---------------+
struct Transform {
    TransformType type{};
    /// One of EncryptionId, PrfId, IntegrityId, KeyExchangeMethod or EsnId, as the type says.
    std::uint16_t id = 0;
    /// The Key Length attribute, in bits, as it came: also 0 and other odd values.
    std::optional<std::uint16_t> key_bits;
    /// There was an attribute other than Key Length, so this transform may not be selected
    /// (section 3.3.6). The attribute is not kept.
    bool unknown_attribute = false;

    /// "ENCR_AES_CBC/256", "PRF_HMAC_SHA2_256", "transform type 77: 5".
    std::string to_text() const;
    friend bool operator==(const Transform&, const Transform&) = default;
};

/// Section 3.3.1.
///
///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 | 2, or 0: last |    reserved   |            length             |
///     +---------------+---------------+---------------+---------------+
///   4 |    number     |  protocol ID  |    SPI size   |  transforms   |
///     +---------------+---------------+---------------+---------------+
///   8 |  SPI ...
///     +---------------+---
///     |  transforms ...
///     +---------------+---
struct Proposal {
    /// Names the proposal in the answer. Not checked to count up from 1: answers need not.
    std::uint8_t number = 1;
    ProtocolId protocol = ProtocolId::none;
    /// For IKE 0 or 8 octets, for AH and ESP 4, for others 0 to 255. Owner: the octets that were
    /// parsed, or the builder's.
    ByteView spi;
    /// At most 255. Unknown and repeated ones are kept; there may be none.
    std::vector<Transform> transforms;

    /// The SPI, where there is one of that kind.
    std::optional<IkeSpi> ike_spi() const;
    std::optional<EspSpi> esp_spi() const;
};

///     +---------------+---
///   0 |  proposals ...
///     +---------------+---
struct SaPayload {
    static constexpr PayloadType type = PayloadType::security_association;
    /// Proposals are numbered from 1 in one octet.
    static constexpr std::size_t max_proposals = 255;
    /// Their number is one octet.
    static constexpr std::size_t max_transforms = 255;

    /// One or more, in the sender's order of preference.
    std::vector<Proposal> proposals;

    /// Errors: no proposal, a "last" octet that does not tell the truth, a length or number that
    /// is not that of what it counts, an SPI size that is not the protocol's, two Key Length
    /// attributes in one transform.
    static std::expected<SaPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
