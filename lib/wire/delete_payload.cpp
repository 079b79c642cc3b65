#include "wire/delete_payload.hpp"

#include <utility>

#include "base/assert.hpp"

namespace xfrmd::wire {
namespace {

constexpr std::size_t esp_spi_size = sizeof(std::uint32_t);

}  // namespace

std::expected<DeletePayload, ParseError> DeletePayload::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<4>();
    if (!part) return invalid_syntax(type, "cut off");

    const std::size_t spi_size = part->u8<1>();
    const std::size_t count = part->u16<2>();
    DeletePayload payload{ProtocolId{part->u8<0>()}, {}};
    if (payload.protocol == ProtocolId::ike) {
        if (spi_size != 0 || count != 0 || !reader.empty())
            return invalid_syntax(type, "SPIs in a deletion of the IKE SA");
        return payload;
    }
    if (payload.protocol != ProtocolId::ah && payload.protocol != ProtocolId::esp)
        return invalid_syntax(type, "protocol is not IKE, AH or ESP");
    if (spi_size != esp_spi_size) return invalid_syntax(type, "SPI is not of 4 octets");
    if (reader.remaining() != count * esp_spi_size)
        return invalid_syntax(type, "number of SPIs is not the payload's");
    if (count > max_spis) return invalid_syntax(type, "too many SPIs");

    payload.spis.reserve(count);
    while (const auto spi = reader.fixed<esp_spi_size>())
        payload.spis.push_back(EspSpi(spi->u32<0>()));
    return payload;
}

void DeletePayload::append_to(Bytes& out) const {
    XFRMD_ASSERT(spis.size() <= max_spis);
    ByteWriter writer(out);
    writer.u8(std::to_underlying(protocol));
    writer.u8(protocol == ProtocolId::ike ? 0 : esp_spi_size);
    writer.u16(static_cast<std::uint16_t>(spis.size()));
    for (EspSpi spi : spis)
        writer.u32(spi.value());
}

}  // namespace xfrmd::wire
