#include "xfrm/selectors.hpp"

#include <algorithm>
#include <bit>

namespace xfrmd::xfrm {
namespace {

using wire::TrafficSelector;

constexpr std::uint8_t protocol_icmp = 1;
constexpr std::uint8_t protocol_icmp6 = 58;
constexpr std::uint8_t protocol_mobility = 135;

/// Protocols whose type and code stand where ports do: the type as source, the code as destination
/// port, in either direction.
bool has_types(std::uint8_t protocol) {
    return protocol == protocol_icmp || protocol == protocol_icmp6 || protocol == protocol_mobility;
}

/// Ports whose bits under `mask` are those of `value`.
struct PortBlock {
    std::uint16_t value = 0;
    std::uint16_t mask = 0;
};

/// Both block lists of a pair; the selectors are all combinations.
struct PortBlocks {
    std::vector<PortBlock> source{PortBlock{}};
    std::vector<PortBlock> destination{PortBlock{}};
};

/// The fewest blocks that cover the ports from `first` to `last` exactly, at most 30.
std::vector<PortBlock> port_blocks(unsigned first, unsigned last) {
    std::vector<PortBlock> blocks;
    while (first <= last) {
        unsigned size = first == 0 ? 0x10000U : 1U << std::countr_zero(first);
        while (first + size - 1 > last)
            size /= 2;
        blocks.push_back(
            {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(~(size - 1) & 0xffffU)});
        first += size;
    }
    return blocks;
}

/// RFC 7296 section 3.13.1: the type is the high octet of a port, the code the low one. Both sides
/// bear them; what both allow counts.
std::expected<PortBlocks, SelectorError> type_blocks(const TrafficSelector& local,
                                                     const TrafficSelector& remote) {
    const unsigned first = std::max(local.start_port, remote.start_port);
    const unsigned last = std::min(local.end_port, remote.end_port);
    if (first > last) return std::unexpected(SelectorError::nothing_in_common);
    if (first == 0 && last == 0xffff) return PortBlocks{};
    const unsigned first_type = first >> 8, last_type = last >> 8;
    const unsigned first_code = first & 0xff, last_code = last & 0xff;
    if (first_code == 0 && last_code == 0xff)
        return PortBlocks{port_blocks(first_type, last_type), {PortBlock{}}};
    if (first_type != last_type) return std::unexpected(SelectorError::icmp_range);
    return PortBlocks{port_blocks(first_type, first_type), port_blocks(first_code, last_code)};
}

std::expected<PortBlocks, SelectorError> blocks_of(const TrafficSelector& local,
                                                   const TrafficSelector& remote,
                                                   std::uint8_t protocol) {
    if (local.opaque_ports() || remote.opaque_ports())
        return std::unexpected(SelectorError::opaque_ports);
    if (local.start_port > local.end_port || remote.start_port > remote.end_port)
        return std::unexpected(SelectorError::nothing_in_common);
    if (has_types(protocol)) return type_blocks(local, remote);
    return PortBlocks{port_blocks(local.start_port, local.end_port),
                      port_blocks(remote.start_port, remote.end_port)};
}

bool have_common_protocol(const TrafficSelector& a, const TrafficSelector& b) {
    return a.protocol == b.protocol || a.protocol == 0 || b.protocol == 0;
}

std::size_t common_leading_bits(const IpAddress& a, const IpAddress& b) {
    for (std::size_t i = 0; i < a.bytes().size(); ++i) {
        const auto difference = static_cast<std::uint8_t>(a.bytes()[i] ^ b.bytes()[i]);
        if (difference != 0) return i * 8 + static_cast<std::size_t>(std::countl_zero(difference));
    }
    return address_bits(a.family());
}

Subnet hull(const Subnet& a, const Subnet& b) {
    const std::size_t length = std::min({std::size_t{a.prefix_length}, std::size_t{b.prefix_length},
                                         common_leading_bits(a.address, b.address)});
    Bytes octets = to_bytes(a.address.bytes());
    for (std::size_t bit = length; bit < octets.size() * 8; ++bit)
        octets[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
    return {*IpAddress::from_bytes(octets), static_cast<std::uint8_t>(length)};
}

PortBlock hull(PortBlock a, PortBlock b) {
    const auto difference = static_cast<std::uint16_t>(a.value ^ b.value);
    const unsigned width = static_cast<unsigned>(std::bit_width(difference));
    const auto mask =
        static_cast<std::uint16_t>(a.mask & b.mask & static_cast<unsigned>(0xffffU << width));
    return {static_cast<std::uint16_t>(a.value & mask), mask};
}

Selector hull(const Selector& a, const Selector& b) {
    Selector out;
    out.source = hull(a.source, b.source);
    out.destination = hull(a.destination, b.destination);
    if (a.protocol != b.protocol) return out;
    out.protocol = a.protocol;
    const PortBlock source = hull(PortBlock{a.source_port, a.source_port_mask},
                                  PortBlock{b.source_port, b.source_port_mask});
    const PortBlock destination = hull(PortBlock{a.destination_port, a.destination_port_mask},
                                       PortBlock{b.destination_port, b.destination_port_mask});
    out.source_port = source.value;
    out.source_port_mask = source.mask;
    out.destination_port = destination.value;
    out.destination_port_mask = destination.mask;
    return out;
}

}  // namespace

std::string_view to_text(SelectorError error) {
    switch (error) {
        case SelectorError::nothing_in_common:
            return "the two sides have no IP family and protocol in common";
        case SelectorError::opaque_ports: return "the kernel cannot match opaque ports";
        case SelectorError::icmp_range:
            return "the kernel cannot match a range of ICMP types with some of their codes";
        case SelectorError::too_many: return "more than 256 kernel selectors would be needed";
    }
    return "unknown";
}

std::expected<std::vector<Selector>, SelectorError> to_selectors(const TrafficSelector& local,
                                                                 const TrafficSelector& remote) {
    if (local.addresses.family() != remote.addresses.family() ||
        !have_common_protocol(local, remote))
        return std::unexpected(SelectorError::nothing_in_common);
    const std::uint8_t protocol = local.protocol != 0 ? local.protocol : remote.protocol;
    const auto ports = blocks_of(local, remote, protocol);
    if (!ports) return std::unexpected(ports.error());
    const std::vector<Subnet> sources = local.addresses.to_subnets();
    const std::vector<Subnet> destinations = remote.addresses.to_subnets();
    if (sources.size() * destinations.size() * ports->source.size() * ports->destination.size() >
        selectors_max)
        return std::unexpected(SelectorError::too_many);

    std::vector<Selector> selectors;
    for (const Subnet& source : sources)
        for (const Subnet& destination : destinations)
            for (const PortBlock& from : ports->source)
                for (const PortBlock& to : ports->destination)
                    selectors.push_back(
                        {source, destination, protocol, from.value, from.mask, to.value, to.mask});
    return selectors;
}

std::expected<std::vector<Selector>, SelectorError> to_selectors(
    std::span<const TrafficSelector> local, std::span<const TrafficSelector> remote) {
    std::vector<Selector> all;
    for (const TrafficSelector& from : local) {
        for (const TrafficSelector& to : remote) {
            const auto some = to_selectors(from, to);
            if (!some && some.error() == SelectorError::nothing_in_common) continue;
            if (!some) return some;
            for (const Selector& selector : *some)
                if (std::ranges::find(all, selector) == all.end()) all.push_back(selector);
            if (all.size() > selectors_max) return std::unexpected(SelectorError::too_many);
        }
    }
    if (all.empty()) return std::unexpected(SelectorError::nothing_in_common);
    return all;
}

Selector reversed(const Selector& selector) {
    Selector out = selector;
    std::swap(out.source, out.destination);
    if (has_types(selector.protocol)) return out;
    std::swap(out.source_port, out.destination_port);
    std::swap(out.source_port_mask, out.destination_port_mask);
    return out;
}

std::optional<Selector> hull(std::span<const Selector> selectors) {
    if (selectors.empty()) return std::nullopt;
    Selector out = selectors.front();
    for (const Selector& next : selectors.subspan(1)) {
        if (next.source.address.family() != out.source.address.family()) return std::nullopt;
        out = hull(out, next);
    }
    return out;
}

}  // namespace xfrmd::xfrm
