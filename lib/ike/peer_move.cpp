#include "ike/peer_move.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ike/child_kernel.hpp"
#include "ike/nat_traversal.hpp"

namespace xfrmd::ike::peer_move {
namespace {

bool may_be_at(const config::Phase1& phase1, const IpAddress& address, const IpAddress& old) {
    if (address == old) return true;
    if (phase1.remote_gateway || address.family() != old.family()) return false;
    return !phase1.remote_gateway_match || phase1.remote_gateway_match->contains(address);
}

bool may_follow(const IkeSa& sa, const Path& path) {
    return sa.nat.there && !sa.nat.here && nat_traversal::packs_into_udp(sa) &&
           path.local == sa.local && may_be_at(sa.phase1(), path.remote.address, sa.remote.address);
}

void ask_for_successor(IkeSa& sa, ChildSa& child, EngineContext& context) {
    if (child.replaced_by != EspSpi(0)) return;
    child.wants_successor = true;
    sa.ask(RekeyChild{child.spi_in}, context);
}

}  // namespace

bool may_go_on(const IkeSa& sa, const Path& path) {
    return path.local.address == sa.local.address &&
           (sa.nat.there || path.remote.address == sa.remote.address);
}

void on_seen(IkeSa& sa, const Path& path, EngineContext& context) {
    if (path.remote == sa.remote || !sa.is_established() || !may_follow(sa, path)) return;
    if (context.now.boottime < sa.next_move) return;
    sa.next_move = context.now.boottime + least_interval;
    context.emit(sa.event(EventKind::peer_moved, Severity::info,
                          fmt::format("the peer's NAT has moved it from {} to {}",
                                      sa.remote.to_text(), path.remote.to_text())));
    const bool elsewhere = sa.remote.address != path.remote.address;
    sa.remote = path.remote;
    if (elsewhere) context.reports.emplace_back(PeerMoved{sa.own_spi()});
    std::vector<EspSpi> spis;
    for (const ChildSa& child : sa.children)
        spis.push_back(child.spi_in);
    for (EspSpi spi_in : spis)
        if (ChildSa* child = sa.find_child(spi_in)) lead_after(sa, *child, context);
}

void on_mapping(IkeSa& sa, const xfrm::Mapping& mapping, EngineContext& context) {
    const ChildSa* child = sa.find_child(mapping.spi);
    if (child == nullptr || !sa.phase1().phase2s[child->phase2].replay) return;
    on_seen(sa, {sa.local, mapping.new_source}, context);
}

void lead_after(IkeSa& sa, ChildSa& child, EngineContext& context) {
    if (!child.in_udp || child.state != ChildState::established || child.path.remote == sa.remote)
        return;
    if (child.path.remote.address != sa.remote.address)
        return ask_for_successor(sa, child, context);
    child.path.remote.port = sa.remote.port;
    update_ports(sa, child, context);
}

void on_kernel_reply(IkeSa& sa, EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                     EngineContext& context) {
    ChildSa* child = sa.find_child(spi_in);
    const auto refused =
        std::ranges::find_if(results, [](const auto& result) { return !result.ok(); });
    if (child == nullptr || refused == results.end()) return;
    Event told = sa.event(EventKind::kernel_refused, Severity::warning,
                          fmt::format("the kernel refuses to change the ports of IPsec SA {:08x}, "
                                      "which gets a successor: {}",
                                      spi_in.value(), refused->to_text()));
    told.reason = Reason::kernel_refused;
    context.emit(std::move(told));
    ask_for_successor(sa, *child, context);
}

}  // namespace xfrmd::ike::peer_move
