#include "wire/notify_payload.hpp"

#include <limits>
#include <utility>

#include "base/assert.hpp"

namespace xfrmd::wire {

std::expected<NotifyPayload, ParseError> NotifyPayload::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<4>();
    if (!part) return invalid_syntax(type, "cut off");
    const auto spi = reader.bytes(part->u8<1>());
    if (!spi) return invalid_syntax(type, "SPI runs past its payload");
    return NotifyPayload{ProtocolId{part->u8<0>()}, *spi, NotifyType{part->u16<2>()},
                         reader.rest()};
}

void NotifyPayload::append_to(Bytes& out) const {
    XFRMD_ASSERT(spi.size() <= std::numeric_limits<std::uint8_t>::max());
    ByteWriter writer(out);
    writer.u8(std::to_underlying(protocol));
    writer.u8(static_cast<std::uint8_t>(spi.size()));
    writer.u16(std::to_underlying(notify_type));
    writer.bytes(spi);
    writer.bytes(data);
}

std::optional<EspSpi> NotifyPayload::esp_spi() const {
    if (protocol != ProtocolId::esp && protocol != ProtocolId::ah) return std::nullopt;
    if (spi.size() != sizeof(std::uint32_t)) return std::nullopt;
    return EspSpi(load_big_endian<std::uint32_t>(spi.data()));
}

}  // namespace xfrmd::wire
