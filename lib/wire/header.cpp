#include "wire/header.hpp"

#include <utility>

namespace xfrmd::wire {
namespace {

constexpr std::uint8_t flag_initiator = 0x08;
constexpr std::uint8_t flag_higher_version = 0x10;
constexpr std::uint8_t flag_response = 0x20;

std::uint8_t flags_of(const Header& header) {
    unsigned flags = 0;
    if (header.initiator) flags |= flag_initiator;
    if (header.higher_version) flags |= flag_higher_version;
    if (header.response) flags |= flag_response;
    return static_cast<std::uint8_t>(flags);
}

}  // namespace

std::expected<Header, ParseError> Header::parse(ByteView datagram) {
    ByteReader reader(datagram);
    const auto part = reader.fixed<size>();
    if (!part) return invalid_syntax(PayloadType::none, "header is cut off");

    const std::uint8_t version = part->u8<17>();
    const std::uint8_t flags = part->u8<19>();
    Header header;
    header.spi_i = IkeSpi(part->u64<0>());
    header.spi_r = IkeSpi(part->u64<8>());
    header.next_payload = PayloadType{part->u8<next_payload_at>()};
    header.major_version = static_cast<std::uint8_t>(version >> 4);
    header.minor_version = static_cast<std::uint8_t>(version & 15);
    header.exchange = ExchangeType{part->u8<18>()};
    header.initiator = (flags & flag_initiator) != 0;
    header.response = (flags & flag_response) != 0;
    header.higher_version = (flags & flag_higher_version) != 0;
    header.message_id = MessageId(part->u32<20>());
    header.length = part->u32<length_at>();
    if (header.length != datagram.size())
        return invalid_syntax(PayloadType::none, "length is not the datagram's");
    return header;
}

void Header::append_to(Bytes& out) const {
    ByteWriter writer(out);
    writer.u64(spi_i.value());
    writer.u64(spi_r.value());
    writer.u8(std::to_underlying(next_payload));
    writer.u8(static_cast<std::uint8_t>(major_version << 4 | (minor_version & 15)));
    writer.u8(std::to_underlying(exchange));
    writer.u8(flags_of(*this));
    writer.u32(message_id.value());
    writer.u32(length);
}

}  // namespace xfrmd::wire
