#include "wire/sa_payload.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "base/try.hpp"

namespace xfrmd::wire {
namespace {

constexpr std::size_t proposal_header_size = 8;
constexpr std::size_t transform_header_size = 8;
constexpr std::uint8_t last_substructure = 0;
constexpr std::uint8_t more_proposals = 2;
constexpr std::uint8_t more_transforms = 3;

/// The F bit: the attribute's value stands in place of its length.
constexpr std::uint16_t attribute_format_bit = 0x8000;
constexpr std::uint16_t key_length_attribute = 14 | attribute_format_bit;

std::unexpected<ParseError> invalid(const char* what) {
    return invalid_syntax(SaPayload::type, what);
}

/// Section 3.3.1: "For an initial IKE SA negotiation, this field MUST be zero; the SPI is obtained
/// from the outer header. During subsequent negotiations, it is equal to the size, in octets, of
/// the SPI of the corresponding protocol (8 for IKE, 4 for ESP and AH)."
bool is_spi_size_of(ProtocolId protocol, std::size_t size) {
    switch (protocol) {
        case ProtocolId::ike: return size == 0 || size == sizeof(std::uint64_t);
        case ProtocolId::ah:
        case ProtocolId::esp: return size == sizeof(std::uint32_t);
        case ProtocolId::none: break;
    }
    return true;
}

std::expected<void, ParseError> parse_attributes(ByteReader& reader, Transform& transform) {
    while (!reader.empty()) {
        const auto part = reader.fixed<4>();
        if (!part) return invalid("attribute is cut off");
        const std::uint16_t type = part->u16<0>();
        if (type == key_length_attribute) {
            if (transform.key_bits) return invalid("two key lengths in a transform");
            transform.key_bits = part->u16<2>();
            continue;
        }
        transform.unknown_attribute = true;
        if ((type & attribute_format_bit) == 0 && !reader.bytes(part->u16<2>()))
            return invalid("attribute runs past its transform");
    }
    return {};
}

std::expected<Transform, ParseError> parse_transform(ByteReader& reader, bool is_last) {
    const auto part = reader.fixed<transform_header_size>();
    if (!part) return invalid("transform is cut off");
    if (part->u8<0>() != (is_last ? last_substructure : more_transforms))
        return invalid("transform's last octet contradicts their number");
    const std::size_t length = part->u16<2>();
    if (length < transform_header_size) return invalid("transform is shorter than its header");
    const auto attributes = reader.bytes(length - transform_header_size);
    if (!attributes) return invalid("transform runs past its proposal");

    Transform transform{TransformType{part->u8<4>()}, part->u16<6>(), std::nullopt, false};
    ByteReader attribute_reader(*attributes);
    XFRMD_TRY(parse_attributes(attribute_reader, transform));
    return transform;
}

/// What follows the header of a proposal with `count` transforms.
std::expected<void, ParseError> parse_transforms(ByteReader& reader, std::size_t count,
                                                 Proposal& proposal) {
    if (count * transform_header_size > reader.remaining())
        return invalid("more transforms than the proposal has room for");
    proposal.transforms.reserve(count);
    for (std::size_t i = 1; i <= count; ++i)
        proposal.transforms.push_back(XFRMD_TRY(parse_transform(reader, i == count)));
    if (!reader.empty()) return invalid("octets behind the last transform");
    return {};
}

std::expected<Proposal, ParseError> parse_proposal(ByteReader& reader) {
    const auto part = reader.fixed<proposal_header_size>();
    if (!part) return invalid("proposal is cut off");
    const std::size_t length = part->u16<2>();
    if (length < proposal_header_size) return invalid("proposal is shorter than its header");
    const auto rest = reader.bytes(length - proposal_header_size);
    if (!rest) return invalid("proposal runs past its payload");
    if (part->u8<0>() != (reader.empty() ? last_substructure : more_proposals))
        return invalid("proposal's last octet contradicts the payload's length");

    ByteReader inside(*rest);
    const auto spi = inside.bytes(part->u8<6>());
    if (!spi) return invalid("SPI runs past its proposal");
    Proposal proposal{part->u8<4>(), ProtocolId{part->u8<5>()}, *spi, {}};
    if (!is_spi_size_of(proposal.protocol, spi->size()))
        return invalid("SPI size is not the protocol's");
    XFRMD_TRY(parse_transforms(inside, part->u8<7>(), proposal));
    return proposal;
}

void append_transform(ByteWriter& writer, const Transform& transform, bool is_last) {
    constexpr std::uint16_t attribute_size = 4;
    writer.u8(is_last ? last_substructure : more_transforms);
    writer.zeros(1);
    writer.u16(transform_header_size + (transform.key_bits ? attribute_size : 0));
    writer.u8(std::to_underlying(transform.type));
    writer.zeros(1);
    writer.u16(transform.id);
    if (!transform.key_bits) return;
    writer.u16(key_length_attribute);
    writer.u16(*transform.key_bits);
}

void append_proposal(ByteWriter& writer, const Proposal& proposal, bool is_last) {
    XFRMD_ASSERT(proposal.transforms.size() <= SaPayload::max_transforms);
    XFRMD_ASSERT(proposal.spi.size() <= std::numeric_limits<std::uint8_t>::max());
    const std::size_t start = writer.position();
    writer.u8(is_last ? last_substructure : more_proposals);
    writer.zeros(3);
    writer.u8(proposal.number);
    writer.u8(std::to_underlying(proposal.protocol));
    writer.u8(static_cast<std::uint8_t>(proposal.spi.size()));
    writer.u8(static_cast<std::uint8_t>(proposal.transforms.size()));
    writer.bytes(proposal.spi);
    for (const Transform& transform : proposal.transforms)
        append_transform(writer, transform, &transform == &proposal.transforms.back());
    writer.patch_u16(start + 2, static_cast<std::uint16_t>(writer.position() - start));
}

/// The name of a transform ID, which depends on the type.
std::string id_text(TransformType type, std::uint16_t id) {
    switch (type) {
        case TransformType::encryption: return to_text(EncryptionId{id});
        case TransformType::prf: return to_text(PrfId{id});
        case TransformType::integrity: return to_text(IntegrityId{id});
        case TransformType::key_exchange: return to_text(KeyExchangeMethod{id});
        case TransformType::extended_sequence_numbers: return to_text(EsnId{id});
        case TransformType::additional_key_exchange_1:
        case TransformType::additional_key_exchange_7: break;
    }
    if (type >= TransformType::additional_key_exchange_1 &&
        type <= TransformType::additional_key_exchange_7)
        return fmt::format("{}: {}", to_text(type), to_text(KeyExchangeMethod{id}));
    return fmt::format("{}: {}", to_text(type), id);
}

}  // namespace

std::string Transform::to_text() const {
    std::string text = id_text(type, id);
    if (key_bits) text += fmt::format("/{}", *key_bits);
    if (unknown_attribute) text += " with an unknown attribute";
    return text;
}

std::optional<IkeSpi> Proposal::ike_spi() const {
    if (protocol != ProtocolId::ike || spi.size() != sizeof(std::uint64_t)) return std::nullopt;
    return IkeSpi(load_big_endian<std::uint64_t>(spi.data()));
}

std::optional<EspSpi> Proposal::esp_spi() const {
    if (protocol != ProtocolId::esp && protocol != ProtocolId::ah) return std::nullopt;
    if (spi.size() != sizeof(std::uint32_t)) return std::nullopt;
    return EspSpi(load_big_endian<std::uint32_t>(spi.data()));
}

std::expected<SaPayload, ParseError> SaPayload::parse(ByteView body) {
    if (body.empty()) return invalid("no proposal");
    SaPayload payload;
    for (ByteReader reader(body); !reader.empty();) {
        if (payload.proposals.size() == max_proposals) return invalid("too many proposals");
        payload.proposals.push_back(XFRMD_TRY(parse_proposal(reader)));
    }
    return payload;
}

void SaPayload::append_to(Bytes& out) const {
    XFRMD_ASSERT(!proposals.empty() && proposals.size() <= max_proposals);
    ByteWriter writer(out);
    for (const Proposal& proposal : proposals)
        append_proposal(writer, proposal, &proposal == &proposals.back());
}

}  // namespace xfrmd::wire
