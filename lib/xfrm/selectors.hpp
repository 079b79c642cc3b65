// From traffic selectors as negotiated to selectors as the kernel can match them.
//
// A negotiated pair holds ranges of addresses and ports; the kernel matches prefixes and masked
// ports. A range becomes the fewest blocks that cover it exactly, so a pair can need several
// kernel selectors, and each of those becomes policies.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "wire/traffic_selector.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// Kernel selectors that one Child SA may need. Common configurations need one to ten; a peer that
/// narrows to awkward ranges must not cost thousands of policies.
inline constexpr std::size_t selectors_max = 256;

enum class SelectorError : std::uint8_t {
    nothing_in_common,  ///< no pair of one IP family and one protocol
    opaque_ports,       ///< the kernel cannot match "ports that cannot be seen"
    icmp_range,         ///< a range over ICMP types that cuts through the codes of a type
    too_many,           ///< more than selectors_max
};

std::string_view to_text(SelectorError error);

/// The packets from `local` to `remote`: the source is the local side. Where one side allows any
/// protocol the other's counts.
std::expected<std::vector<Selector>, SelectorError> to_selectors(
    const wire::TrafficSelector& local, const wire::TrafficSelector& remote);

/// Every pair of a local and a remote one. Pairs of different families or protocols are no pairs;
/// other errors of a pair are errors of the whole. No selector comes twice.
std::expected<std::vector<Selector>, SelectorError> to_selectors(
    std::span<const wire::TrafficSelector> local, std::span<const wire::TrafficSelector> remote);

/// The same traffic seen from the other end. ICMP types and codes, which the kernel keeps where
/// ports are, stay in place.
Selector reversed(const Selector& selector);

/// The smallest selector that covers all of them; nothing if there is none or families differ.
std::optional<Selector> hull(std::span<const Selector> selectors);

}  // namespace xfrmd::xfrm
