#include "ike/child_policies.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "ike/child_halves.hpp"

namespace xfrmd::ike {
namespace {

constexpr std::uint8_t udp = 17;
/// The ports of IKE (RFC 7296 section 2); a device that offloads has no NAT in its way.
constexpr std::array<std::uint16_t, 2> ike_ports{500, 4500};

/// Whether IKE from one gateway to the other would be taken for traffic of the tunnel.
bool covers_ike(const xfrm::Selector& selector, const Path& path) {
    return selector.source.range().contains(path.local.address) &&
           selector.destination.range().contains(path.remote.address) &&
           (selector.protocol == 0 || selector.protocol == udp);
}

std::vector<xfrm::Selector> ike_between(const Path& path) {
    const std::uint8_t bits = address_bits(path.local.address.family());
    std::vector<xfrm::Selector> selectors;
    for (std::uint16_t port : ike_ports) {
        xfrm::Selector selector;
        selector.source = {path.local.address, bits};
        selector.destination = {path.remote.address, bits};
        selector.protocol = udp;
        selector.destination_port = port;
        selector.destination_port_mask = 0xffff;
        selectors.push_back(selector);
    }
    return selectors;
}

std::vector<xfrm::Selector> bypass_of(const ChildSa& child) {
    const bool needed = child.offload.rung() == xfrm::OffloadMode::packet &&
                        std::ranges::any_of(child.policies, [&](const xfrm::Selector& selector) {
                            return covers_ike(selector, child.path);
                        });
    return needed ? ike_between(child.path) : std::vector<xfrm::Selector>{};
}

void append(std::vector<xfrm::PolicyOperation>& all, std::vector<xfrm::PolicyOperation> more) {
    std::ranges::move(more, std::back_inserter(all));
}

/// Nobody's in particular: all Child SAs between two gateways share it.
PolicyUse bypass_use(const ChildSa& child) {
    PolicyUse use;
    use.bypass = true;
    use.offload = child.offload.policy_request();
    return use;
}

}  // namespace

std::optional<PolicyOwner> other_owner(const IkeSa& sa, const ChildSa& child,
                                       const EngineContext& context) {
    return context.policies.other_owner(child.policies, sa.tunnel->if_id, use_of(sa, child).owner);
}

std::expected<PolicyChange, PolicyOwner> take_policies(const IkeSa& sa, ChildSa& child,
                                                       Activation when, EngineContext& context) {
    PolicyTable& table = context.policies;
    const IfId if_id = sa.tunnel->if_id;
    const auto bypass = bypass_of(child);
    if (auto owner = table.other_owner(bypass, if_id, PolicyOwner{}))
        return std::unexpected(*std::move(owner));
    auto inbound = table.claim(child.policies, if_id, child.spi_in, use_of(sa, child));
    if (!inbound) return std::unexpected(std::move(inbound).error());
    PolicyChange change;
    // Before what it is an exception to.
    if (auto exception = table.claim(bypass, if_id, child.spi_in, bypass_use(child)))
        append(change.inbound, *std::move(exception));
    append(change.inbound, *std::move(inbound));
    append(change.outbound, table.activate(bypass, if_id, child.spi_in));
    if (when == Activation::now)
        append(change.outbound, table.activate(child.policies, if_id, child.spi_in));
    child.bypass = bypass;
    child.holds_policies = true;
    return change;
}

PolicyChange give_back_policies(const IkeSa& sa, const ChildSa& child, Inbound when,
                                EngineContext& context) {
    if (!child.holds_policies) return {};
    PolicyTable& table = context.policies;
    const IfId if_id = sa.tunnel->if_id;
    PolicyChange change = goes_on_receiving(child, when)
                              ? table.retire(child.policies, if_id, child.spi_in)
                              : table.release(child.policies, if_id, child.spi_in);
    PolicyChange bypass = table.release(child.bypass, if_id, child.spi_in);
    append(change.outbound, std::move(bypass.outbound));
    append(change.inbound, std::move(bypass.inbound));
    return change;
}

bool goes_on_receiving(const ChildSa& child, Inbound when) {
    // Where no device takes part, its packets pass the policies of any successor.
    return when != Inbound::now && child.holds_policies && !child.offload.no_device;
}

}  // namespace xfrmd::ike
