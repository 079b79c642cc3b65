// What an engine does about the kernel: its answers, its events, and the network around it.
#include <utility>

#include "ike/engine_parts.hpp"
#include "ike/lifetimes.hpp"
#include "ike/liveness.hpp"
#include "ike/nat_keepalive.hpp"
#include "ike/peer_move.hpp"
#include "ike/traffic.hpp"

namespace xfrmd::ike {

// ---- The kernel --------------------------------------------------------------------------------

void Engine::Parts::on(KernelReply& reply) {
    const auto found = context.kernel_requests.find(reply.ticket);
    if (found == context.kernel_requests.end()) return;
    const auto [purpose, policies] = std::move(found->second);
    context.kernel_requests.erase(found);
    std::vector<xfrm::Operation> overdue;
    xfrm::append(overdue, context.policies.on_answers(policies, reply.results));
    if (!overdue.empty()) context.request(PolicySwitch{}, std::move(overdue));
    on_answer(purpose, policies, reply.results);
}

void Engine::Parts::on_answer(const KernelPurpose& purpose, std::span<const PolicyStep> policies,
                              std::span<const xfrm::OperationResult> results) {
    if (const auto* child = std::get_if<ChildInstallation>(&purpose)) {
        if (IkeSa* sa = owner_of(child->spi_in)) {
            const IkeSpi own = sa->own_spi();
            sa->on_kernel_reply(child->spi_in, results, context);
            settle(own);
        }
    } else if (const auto* update = std::get_if<PortUpdate>(&purpose)) {
        if (IkeSa* sa = owner_of(update->spi_in))
            peer_move::on_kernel_reply(*sa, update->spi_in, results, context);
    } else if (const auto* query = std::get_if<CounterQuery>(&purpose)) {
        if (IkeSa* sa = sas.find(query->ike_sa)) on_counters(*sa, results);
    } else if (const auto* check = std::get_if<RouteCheck>(&purpose)) {
        if (IkeSa* sa = sas.find(check->ike_sa)) offload.on_route(*sa, results);
    } else {
        setup.on_kernel_reply(purpose, policies, results);
        // A route-based tunnel starts when its interface is there.
        if (const auto* creation = std::get_if<InterfaceCreation>(&purpose))
            if (const auto tunnel = context.tunnels.find(creation->tunnel); tunnel && !stopping)
                reconciler.tick(tunnel);
    }
}

void Engine::Parts::on(const KernelTables& tables) {
    if (!stopping) audit.on_tables(tables);
}

void Engine::Parts::on_counters(IkeSa& sa, std::span<const xfrm::OperationResult> results) {
    for (const xfrm::OperationResult& result : results)
        if (const auto* status = std::get_if<xfrm::SaStatus>(&result.status))
            offload.on_status(*status);
    traffic::on_counters(sa, results, context.now.boottime);
    lifetimes::judge(sa, context);
    liveness::judge(sa, context);
    nat_keepalive::judge(sa, context);
}

void Engine::Parts::on(xfrm::Event& event) {
    if (const auto* acquire = std::get_if<xfrm::Acquire>(&event)) {
        if (!stopping) reconciler.on_acquire(*acquire);
        return;
    }
    if (const auto* mapping = std::get_if<xfrm::Mapping>(&event)) {
        if (IkeSa* sa = owner_of(mapping->spi)) peer_move::on_mapping(*sa, *mapping, context);
        return;
    }
    if (std::holds_alternative<xfrm::StateUncertain>(event)) return audit.on_uncertain();
    // Time limits are ours (Timer::child_expire); byte limits only the kernel sees.
    const auto* expire = std::get_if<xfrm::Expire>(&event);
    if (expire == nullptr) return;
    const auto outbound = context.outbound_spis.find({expire->destination, expire->spi});
    const EspSpi spi_in = outbound != context.outbound_spis.end() ? outbound->second : expire->spi;
    if (expire->hard) return expire_child(spi_in);
    if (IkeSa* sa = owner_of(spi_in)) lifetimes::on_limit_near(*sa, spi_in, context);
}

/// The IKE SA that one of our inbound ESP SPIs belongs to.
IkeSa* Engine::Parts::owner_of(EspSpi spi_in) {
    const auto owner = context.esp_spis.find(spi_in);
    return owner == context.esp_spis.end() ? nullptr : sas.find(owner->second);
}

void Engine::Parts::on_child_timer(Timer timer, EspSpi spi_in) {
    if (timer == Timer::child_expire) return expire_child(spi_in);
    if (IkeSa* sa = owner_of(spi_in)) lifetimes::on_child_rekey_timer(*sa, spi_in, context);
}

void Engine::Parts::expire_child(EspSpi spi_in) {
    IkeSa* sa = owner_of(spi_in);
    if (sa == nullptr) return;
    const IkeSpi own = sa->own_spi();
    sa->close_child(spi_in, Reason::lifetime_expired, context);
    settle(own);
}

// ---- The network -------------------------------------------------------------------------------

void Engine::Parts::on(InterfacesChanged& change) {
    const std::set<std::string> up = offload.on_interfaces_changed(change.interfaces);
    context.tunnels.set_interfaces(std::move(change.interfaces));
    setup.on_interfaces_changed();
    on_links_up(up);
}

void Engine::Parts::on(RoutesChanged) {
    if (!stopping) offload.on_routes_changed();
}

/// What was sent while a link was down is lost, and its repetition may be far off.
void Engine::Parts::on_links_up(const std::set<std::string>& devices) {
    if (devices.empty() || stopping) return;
    for (IkeSpi spi : sas.all()) {
        IkeSa& sa = *sas.find(spi);
        if (sa.tunnel && devices.contains(sa.phase1().interface)) sa.repeat_request(context);
    }
    offload.on_routes_changed();
    reconciler.on_links_up(devices);
}

}  // namespace xfrmd::ike
