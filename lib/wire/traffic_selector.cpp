#include "wire/traffic_selector.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace xfrmd::wire {
namespace {

constexpr std::uint8_t icmp = 1;
constexpr std::uint8_t icmp6 = 58;

constexpr PayloadType error_type = PayloadType::traffic_selectors_initiator;

/// Octets of one address in a selector of the type; nothing for types that have no addresses.
std::optional<std::size_t> address_size(TrafficSelectorType type) {
    switch (type) {
        case TrafficSelectorType::ipv4_range: return 4;
        case TrafficSelectorType::ipv6_range: return 16;
    }
    return std::nullopt;
}

std::string protocol_text(std::uint8_t protocol) {
    switch (protocol) {
        case 0: return "any";
        case icmp: return "icmp";
        case 6: return "tcp";
        case 17: return "udp";
        case 47: return "gre";
        case icmp6: return "icmp6";
        case 132: return "sctp";
        default: return fmt::format("protocol {}", protocol);
    }
}

/// "8" for a type with all its codes, "3/4" for one code.
std::string icmp_text(std::uint16_t first, std::uint16_t last) {
    const int first_type = first >> 8;
    const int last_type = last >> 8;
    const int first_code = first & 255;
    const int last_code = last & 255;
    if (first == last) return fmt::format("{}/{}", first_type, first_code);
    if (first_code == 0 && last_code == 255) {
        return first_type == last_type ? fmt::format("{}", first_type)
                                       : fmt::format("{}-{}", first_type, last_type);
    }
    return fmt::format("{}/{}-{}/{}", first_type, first_code, last_type, last_code);
}

std::string port_text(const TrafficSelector& selector) {
    if (selector.opaque_ports()) return "opaque";
    if (selector.protocol == icmp || selector.protocol == icmp6)
        return icmp_text(selector.start_port, selector.end_port);
    return selector.start_port == selector.end_port
               ? fmt::format("{}", selector.start_port)
               : fmt::format("{}-{}", selector.start_port, selector.end_port);
}

}  // namespace

std::expected<TrafficSelector, ParseError> TrafficSelector::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<header_size>();
    if (!part) return invalid_syntax(error_type, "selector is cut off");
    const auto size = address_size(TrafficSelectorType{part->u8<0>()});
    if (!size) return invalid_syntax(error_type, "selector is no address range");
    if (part->u16<2>() != body.size() || reader.remaining() != 2 * *size)
        return invalid_syntax(error_type, "selector's length is not its type's");

    const IpRange addresses{*IpAddress::from_bytes(reader.rest().first(*size)),
                            *IpAddress::from_bytes(reader.rest().last(*size))};
    const TrafficSelector selector{part->u8<1>(), part->u16<4>(), part->u16<6>(), addresses};
    if (selector.start_port > selector.end_port && !selector.opaque_ports())
        return invalid_syntax(error_type, "start port is over the end port");
    if (addresses.first > addresses.last)
        return invalid_syntax(error_type, "first address is over the last");
    return selector;
}

void TrafficSelector::append_to(Bytes& out) const {
    const TrafficSelectorType type = addresses.family() == IpFamily::v4
                                         ? TrafficSelectorType::ipv4_range
                                         : TrafficSelectorType::ipv6_range;
    ByteWriter writer(out);
    writer.u8(std::to_underlying(type));
    writer.u8(protocol);
    writer.u16(static_cast<std::uint16_t>(header_size + 2 * addresses.first.bytes().size()));
    writer.u16(start_port);
    writer.u16(end_port);
    writer.bytes(addresses.first.bytes());
    writer.bytes(addresses.last.bytes());
}

std::string TrafficSelector::to_text() const {
    std::string text = addresses.to_text();
    if (protocol == 0 && any_port()) return text;
    text += " " + protocol_text(protocol);
    if (!any_port()) text += "/" + port_text(*this);
    return text;
}

}  // namespace xfrmd::wire
