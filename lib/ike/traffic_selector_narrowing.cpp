#include "ike/traffic_selector_narrowing.hpp"

#include <algorithm>
#include <optional>

namespace xfrmd::ike {
namespace {

using wire::TrafficSelector;

std::vector<TrafficSelector> side(std::span<const IpRange> ranges, std::uint8_t protocol,
                                  std::uint16_t port) {
    std::vector<TrafficSelector> selectors;
    selectors.reserve(ranges.size());
    for (const IpRange& range : ranges) {
        TrafficSelector selector;
        selector.protocol = protocol;
        selector.start_port = port;
        selector.end_port = port == 0 ? 65535 : port;
        selector.addresses = range;
        selectors.push_back(selector);
    }
    return selectors;
}

std::optional<TrafficSelector> intersection(const TrafficSelector& a, const TrafficSelector& b) {
    if (a.protocol != 0 && b.protocol != 0 && a.protocol != b.protocol) return std::nullopt;
    const auto addresses = a.addresses.intersection(b.addresses);
    if (!addresses) return std::nullopt;
    TrafficSelector common;
    common.protocol = std::max(a.protocol, b.protocol);
    common.start_port = std::max(a.start_port, b.start_port);
    common.end_port = std::min(a.end_port, b.end_port);
    if (common.start_port > common.end_port) return std::nullopt;
    common.addresses = *addresses;
    return common;
}

bool contains(const TrafficSelector& outer, const TrafficSelector& inner) {
    return (outer.protocol == 0 || outer.protocol == inner.protocol) &&
           outer.start_port <= inner.start_port && inner.end_port <= outer.end_port &&
           inner.start_port <= inner.end_port && outer.addresses.contains(inner.addresses);
}

/// Adds a selector unless one that is there says as much; those it makes superfluous go.
void add(std::vector<TrafficSelector>& selectors, const TrafficSelector& selector) {
    if (covers(selectors, std::span(&selector, 1))) return;
    std::erase_if(selectors, [&](const TrafficSelector& old) { return contains(selector, old); });
    if (selectors.size() < max_selectors) selectors.push_back(selector);
}

}  // namespace

SelectorSet selectors_of(const config::Selectors& selectors) {
    return {side(selectors.local, selectors.protocol, selectors.local_port),
            side(selectors.remote, selectors.protocol, selectors.remote_port)};
}

std::vector<TrafficSelector> narrow(std::span<const TrafficSelector> offered,
                                    std::span<const TrafficSelector> allowed) {
    std::vector<TrafficSelector> common;
    for (const TrafficSelector& offer : offered)
        for (const TrafficSelector& allow : allowed)
            if (auto selector = intersection(offer, allow)) add(common, *selector);
    return common;
}

bool covers(std::span<const TrafficSelector> outer, std::span<const TrafficSelector> inner) {
    return std::ranges::all_of(inner, [outer](const TrafficSelector& selector) {
        return std::ranges::any_of(
            outer, [&](const TrafficSelector& wide) { return contains(wide, selector); });
    });
}

void sort(SelectorSet& selectors) {
    std::ranges::sort(selectors.local);
    std::ranges::sort(selectors.remote);
}

std::string to_text(std::span<const TrafficSelector> selectors) {
    // A line of a log stays readable: the first few, then how many more.
    static constexpr std::size_t shown = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, selectors.size()); ++i)
        text += (i == 0 ? "" : ", ") + selectors[i].to_text();
    if (selectors.size() > shown) text += ", " + std::to_string(selectors.size() - shown) + " more";
    return text;
}

}  // namespace xfrmd::ike
