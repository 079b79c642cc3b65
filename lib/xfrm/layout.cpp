#include "xfrm/layout.hpp"

#include <algorithm>

namespace xfrmd::xfrm {

std::uint16_t to_kernel(IpFamily family) {
    return family == IpFamily::v4 ? uapi::family_inet : uapi::family_inet6;
}

std::optional<IpFamily> family_from_kernel(std::uint16_t family) {
    if (family == uapi::family_inet) return IpFamily::v4;
    if (family == uapi::family_inet6) return IpFamily::v6;
    return std::nullopt;
}

uapi::Address to_kernel(const IpAddress& address) {
    uapi::Address out;
    std::ranges::copy(address.bytes(), out.octets.begin());
    return out;
}

IpAddress from_kernel(const uapi::Address& address, IpFamily family) {
    const ByteView octets(address.octets);
    return *IpAddress::from_bytes(octets.first(address_bits(family) / 8U));
}

uapi::Selector to_kernel(const Selector& selector) {
    using Port = uapi::Network<std::uint16_t>;
    uapi::Selector out;
    out.daddr = to_kernel(selector.destination.address);
    out.saddr = to_kernel(selector.source.address);
    out.dport = Port(selector.destination_port);
    out.dport_mask = Port(selector.destination_port_mask);
    out.sport = Port(selector.source_port);
    out.sport_mask = Port(selector.source_port_mask);
    out.family = to_kernel(selector.source.address.family());
    out.prefixlen_d = selector.destination.prefix_length;
    out.prefixlen_s = selector.source.prefix_length;
    out.proto = selector.protocol;
    return out;
}

std::optional<Selector> from_kernel(const uapi::Selector& selector) {
    const auto family = family_from_kernel(selector.family);
    if (!family) return std::nullopt;
    const std::uint8_t bits = address_bits(*family);
    if (selector.prefixlen_s > bits || selector.prefixlen_d > bits) return std::nullopt;
    return Selector{
        .source = {from_kernel(selector.saddr, *family), selector.prefixlen_s},
        .destination = {from_kernel(selector.daddr, *family), selector.prefixlen_d},
        .protocol = selector.proto,
        .source_port = selector.sport.host(),
        .source_port_mask = selector.sport_mask.host(),
        .destination_port = selector.dport.host(),
        .destination_port_mask = selector.dport_mask.host(),
    };
}

uapi::UserTemplate to_kernel(const PolicyTemplate& tmpl, IpFamily inner) {
    uapi::UserTemplate out;
    out.id.daddr = to_kernel(tmpl.destination);
    out.id.spi = uapi::Network<std::uint32_t>(tmpl.spi.value_or(EspSpi{}).value());
    out.id.proto = uapi::protocol_esp;
    out.family = to_kernel(tmpl.mode == Mode::transport ? inner : tmpl.destination.family());
    out.saddr = to_kernel(tmpl.source);
    out.reqid = tmpl.reqid.value();
    out.mode = static_cast<std::uint8_t>(tmpl.mode);
    return out;
}

std::optional<PolicyTemplate> from_kernel(const uapi::UserTemplate& tmpl) {
    const auto family = family_from_kernel(tmpl.family);
    if (!family || tmpl.id.proto != uapi::protocol_esp) return std::nullopt;
    if (tmpl.mode > static_cast<std::uint8_t>(Mode::tunnel)) return std::nullopt;
    PolicyTemplate out{
        .source = from_kernel(tmpl.saddr, *family),
        .destination = from_kernel(tmpl.id.daddr, *family),
        .reqid = Reqid(tmpl.reqid),
        .mode = static_cast<Mode>(tmpl.mode),
        .spi = std::nullopt,
    };
    if (tmpl.id.spi.host() != 0) out.spi = EspSpi(tmpl.id.spi.host());
    return out;
}

uapi::UserSaId sa_id(const IpAddress& destination, EspSpi spi) {
    uapi::UserSaId id;
    id.daddr = to_kernel(destination);
    id.spi = uapi::Network<std::uint32_t>(spi.value());
    id.family = to_kernel(destination.family());
    id.proto = uapi::protocol_esp;
    return id;
}

std::array<char, 64> to_kernel_name(std::string_view name) {
    std::array<char, 64> out{};
    std::ranges::copy(name.substr(0, out.size() - 1), out.begin());
    return out;
}

std::string from_kernel_name(const std::array<char, 64>& name) {
    return {name.begin(), std::ranges::find(name, '\0')};
}

OffloadRequest read_offload(const Attributes& attributes) {
    const auto offload = attributes.get<uapi::UserOffload>(uapi::attribute::offload_dev);
    if (!offload) return {};
    const bool is_packet = (offload->flags & uapi::offload_packet) != 0;
    return {static_cast<std::uint32_t>(offload->ifindex),
            is_packet ? OffloadMode::packet : OffloadMode::crypto};
}

IfId read_if_id(const Attributes& attributes) {
    return IfId(attributes.get<std::uint32_t>(uapi::attribute::if_id).value_or(0));
}

}  // namespace xfrmd::xfrm
