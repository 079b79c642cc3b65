#include "wire/id_payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/hex.hpp"
#include "base/ip_address.hpp"

namespace xfrmd::wire {
namespace {

bool is_plain(std::uint8_t octet) {
    return octet >= 0x20 && octet <= 0x7e && octet != '"' && octet != '\\';
}

std::string escaped(ByteView text) {
    std::string plain;
    for (std::uint8_t octet : text.first(std::min(text.size(), IdPayload::max_printed))) {
        if (is_plain(octet))
            plain += static_cast<char>(octet);
        else
            fmt::format_to(std::back_inserter(plain), "\\x{:02x}", octet);
    }
    if (text.size() > IdPayload::max_printed) plain += "...";
    return plain;
}

std::string hexadecimal(ByteView data) {
    std::string digits = "0x" + to_hex(data.first(std::min(data.size(), IdPayload::max_printed)));
    if (data.size() > IdPayload::max_printed) digits += "...";
    return digits;
}

/// Address text where the size is that of the type's family.
std::string address_text(ByteView data, IpFamily family) {
    const auto address = IpAddress::from_bytes(data);
    return address && address->family() == family ? address->to_text() : hexadecimal(data);
}

}  // namespace

std::expected<IdPayload, ParseError> IdPayload::parse(ByteView body) {
    constexpr PayloadType type = PayloadType::identification_initiator;
    ByteReader reader(body);
    const auto part = reader.fixed<4>();
    if (!part) return invalid_syntax(type, "cut off");

    IdPayload id{IdType{part->u8<0>()}, reader.rest()};
    id.reserved = {part->u8<1>(), part->u8<2>(), part->u8<3>()};
    if (id.data.size() > max_data) return invalid_syntax(type, "longer than 2048 octets");
    if (id.id_type == IdType::ipv4_addr && id.data.size() != 4)
        return invalid_syntax(type, "IPv4 address is not of 4 octets");
    if (id.id_type == IdType::ipv6_addr && id.data.size() != 16)
        return invalid_syntax(type, "IPv6 address is not of 16 octets");
    return id;
}

void IdPayload::append_to(Bytes& out) const {
    ByteWriter writer(out);
    writer.u8(std::to_underlying(id_type));
    writer.bytes(reserved);
    writer.bytes(data);
}

std::string IdPayload::to_text() const {
    switch (id_type) {
        case IdType::ipv4_addr: return address_text(data, IpFamily::v4);
        case IdType::ipv6_addr: return address_text(data, IpFamily::v6);
        case IdType::fqdn:
        case IdType::rfc822_addr: return escaped(data);
        case IdType::key_id:
            return std::ranges::all_of(data, is_plain) ? escaped(data) : hexadecimal(data);
        case IdType::der_asn1_dn:
        case IdType::der_asn1_gn: return hexadecimal(data);
    }
    return fmt::format("{} {}", wire::to_text(id_type), hexadecimal(data));
}

}  // namespace xfrmd::wire
