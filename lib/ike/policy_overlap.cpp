#include "ike/policy_overlap.hpp"

#include "ike/policy_table.hpp"

namespace xfrmd::ike {
namespace {

bool overlap(const Subnet& a, const Subnet& b) {
    if (a.address.family() != b.address.family()) return false;
    return a.prefix_length <= b.prefix_length ? widened(b, a.prefix_length) == a
                                              : widened(a, b.prefix_length) == b;
}

bool overlap(std::uint16_t a, std::uint16_t a_mask, std::uint16_t b, std::uint16_t b_mask) {
    return ((a ^ b) & a_mask & b_mask) == 0;
}

}  // namespace

std::uint32_t policy_priority(const xfrm::Selector& selector) {
    static constexpr std::uint32_t base = 400000;
    std::uint32_t specific =
        (selector.source.prefix_length + selector.destination.prefix_length) * 4U;
    if (selector.protocol != 0) specific += 2;
    if (selector.source_port_mask != 0 || selector.destination_port_mask != 0) specific += 1;
    return base - specific;
}

bool overlap(const xfrm::Selector& a, const xfrm::Selector& b) {
    return overlap(a.destination, b.destination) && overlap(a.source, b.source) &&
           (a.protocol == 0 || b.protocol == 0 || a.protocol == b.protocol) &&
           overlap(a.source_port, a.source_port_mask, b.source_port, b.source_port_mask) &&
           overlap(a.destination_port, a.destination_port_mask, b.destination_port,
                   b.destination_port_mask);
}

Subnet widened(const Subnet& subnet, std::uint8_t prefix_length) {
    Bytes octets = to_bytes(subnet.address.bytes());
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const std::size_t kept = prefix_length > 8 * i ? prefix_length - 8 * i : 0;
        if (kept < 8) octets[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
    return {IpAddress::from_bytes(octets).value_or(subnet.address), prefix_length};
}

// ---- Whose traffic a peer asks for -------------------------------------------------------------

/// A peer that is not configured says itself which traffic is its own. What it asks for must not be
/// another such peer's, and must not win over what the administrator has led elsewhere: beside a
/// configured tunnel that is more specific it gets the rest.
bool PolicyTable::takes_from(const xfrm::Selector& selector, const PolicyOwner& owner,
                             const Entries::value_type& other) {
    const auto& [key, entry] = other;
    if (entry.holders.empty()) return false;
    const PolicyOwner& holder = entry.holders.front().use.owner;
    if (holder.peer == owner.peer || !overlap(selector, key.selector)) return false;
    return holder.peer != PeerName{} || policy_priority(selector) <= policy_priority(key.selector);
}

const PolicyOwner* PolicyTable::crossed(std::span<const xfrm::Selector> selectors, IfId if_id,
                                        const PolicyOwner& owner) const {
    std::size_t seen = 0;
    const auto look = [&](const xfrm::Selector& selector, const Subnet& from, const IpAddress& last,
                          bool exactly) -> const PolicyOwner* {
        xfrm::Selector first;
        first.destination = from;
        for (auto at = entries_.lower_bound({first, if_id}); at != entries_.end(); ++at) {
            const Subnet& destination = at->first.selector.destination;
            if (at->first.if_id != if_id || destination.address.family() != last.family() ||
                destination.address > last || (exactly && destination != from))
                return nullptr;
            if (takes_from(selector, owner, *at) ||
                (++seen > most_looked_at && !at->second.holders.empty()))
                return &at->second.holders.front().use.owner;
        }
        return nullptr;
    };
    for (const xfrm::Selector& selector : selectors) {
        const Subnet& own = selector.destination;
        for (std::uint8_t length = 0; length < own.prefix_length; ++length)
            if (lengths_.has(own.address.family(), length)) {
                const Subnet around = widened(own, length);
                if (const auto* other = look(selector, around, around.address, true)) return other;
            }
        if (const auto* other = look(selector, own, own.range().last, false)) return other;
    }
    return nullptr;
}

}  // namespace xfrmd::ike
