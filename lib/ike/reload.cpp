#include "ike/reload.hpp"

#include <fmt/format.h>

#include "ike/ike_sa_table.hpp"
#include "ike/lifetimes.hpp"
#include "ike/liveness.hpp"

namespace xfrmd::ike {
namespace {

using config::Renews;

Event applied(std::string message) {
    Event event;
    event.kind = EventKind::configuration_applied;
    event.severity = Severity::notice;
    event.message = std::move(message);
    return event;
}

}  // namespace

void Reload::apply(const config::Config& running, const config::Config& loaded) {
    const auto pairs = config::pair_up(running, loaded);
    // What goes makes room for what comes: names of interfaces, selectors. Policies in the kernel
    // go last of all: no packet finds neither the old one nor the new one.
    context_.policies.keep_released();
    for (const auto& [before, after] : pairs)
        if (before && !after)
            if (const auto tunnel = running_tunnel(*before)) remove(tunnel);
    for (const auto& [before, after] : pairs)
        if (before && after)
            if (const auto tunnel = running_tunnel(*before)) change(tunnel, after);
    for (const TunnelPtr& tunnel : touched_)
        setup_.renew_policies(*tunnel);
    for (const auto& phase1 : loaded.phase1s)
        if (!running_tunnel(*phase1)) add(phase1);
    drop_released_policies();
    reconciler_.on_configured();
    for (const TunnelPtr& tunnel : touched_)
        reconciler_.on_reconfigured(tunnel);
}

void Reload::drop_released_policies() {
    std::vector<xfrm::Operation> nobodys;
    xfrm::append(nobodys, context_.policies.drop_released());
    if (!nobodys.empty()) context_.request(Removal{}, std::move(nobodys));
}

/// Null for one that is not in service.
Reload::TunnelPtr Reload::running_tunnel(const config::Phase1& phase1) const {
    auto tunnel = context_.tunnels.find(phase1.name);
    return tunnel && tunnel->phase1->route_based == phase1.route_based ? tunnel : nullptr;
}

void Reload::remove(const TunnelPtr& tunnel) {
    reconciler_.close_all(*tunnel, Reason::configuration_changed);
    reconciler_.stop(*tunnel);
    setup_.remove(*tunnel);
}

void Reload::add(const std::shared_ptr<const config::Phase1>& phase1) {
    if (!setup_.is_possible(*phase1)) return;
    setup_.add(phase1);
    touched_.push_back(context_.tunnels.find(phase1->name));
}

void Reload::change(const TunnelPtr& tunnel, const std::shared_ptr<const config::Phase1>& loaded) {
    const Alteration change = alteration(*tunnel->phase1, *loaded);
    if (change.is_none()) {
        tunnel->phase1 = loaded;
        return setup_.retry_interface(*tunnel);
    }
    if (change.restarts() && !setup_.is_possible(*loaded)) return remove(tunnel);
    if (!loaded->passive && loaded->type != config::GatewayType::dynamic)
        bring_back(*tunnel, change);
    if (change.restarts()) {
        reconciler_.close_all(*tunnel, Reason::configuration_changed);
        tunnel->resolving = false;
    } else {
        for (IkeSpi spi : tunnel->ike_sas) {
            if (IkeSa* sa = context_.sas->find(spi)) withdraw(*sa, change, context_);
            context_.unsettled.push_back(spi);
        }
    }
    for (std::size_t i = 0; i < change.places.size(); ++i)
        if (change.places[i] == no_phase2) reconciler_.stop(*tunnel, i);
    setup_.change(tunnel, loaded, change);
    move_phase2s(context_.reports, *tunnel, change);
    if (!change.restarts()) carry_over(*tunnel, change);
    touched_.push_back(tunnel);
}

/// What is up and has to go comes up again, also where nothing but traffic would start it.
void Reload::bring_back(Tunnel& tunnel, const Alteration& alteration) {
    for (std::size_t i = 0; i < tunnel.phase2_states.size(); ++i) {
        Phase2State& state = tunnel.phase2_states[i];
        const bool goes = alteration.restarts() || alteration.ends(i);
        if (goes && state.status == Phase2Status::up && !tunnel.held_down &&
            tunnel.desired(i) == DesiredState::on_demand)
            state.asked = true;
    }
}

/// The IKE SAs that stay learn what has changed.
void Reload::carry_over(const Tunnel& tunnel, const Alteration& alteration) {
    for (IkeSpi spi : tunnel.ike_sas) {
        IkeSa* sa = context_.sas->find(spi);
        if (sa == nullptr) continue;
        move_phase2s(*sa, alteration);
        if (!alteration.phase1 || !sa->is_established() || sa->is_closing()) continue;
        lifetimes::on_reconfigured(*sa, [this] { return reconciler_.take_slot(); }, context_);
        liveness::on_reconfigured(*sa, context_);
    }
    rekey(tunnel, alteration);
}

/// Successors by the new terms. Gateways that never initiate leave that to their peers.
void Reload::rekey(const Tunnel& tunnel, const Alteration& alteration) {
    if (!tunnel.may_initiate()) return;
    for (std::size_t i = 0; i < alteration.phase2s.size(); ++i) {
        if (!alteration.outdates(i) || alteration.ends(i)) continue;
        const std::size_t phase2 = alteration.new_place(i);
        for (IkeSpi spi : tunnel.ike_sas)
            if (IkeSa* sa = context_.sas->find(spi); sa != nullptr && sa->serves(phase2))
                lifetimes::rekey_at(*sa, phase2, reconciler_.take_slot(), context_);
    }
}

void tell_reload(const config::Config& running, const config::Config& loaded,
                 EngineContext& context) {
    const config::Difference difference = config::diff(running, loaded);
    for (const config::Change& change : difference.changes) {
        Event event = applied(change.to_text());
        event.phase1 = change.phase1;
        event.phase2 = change.phase2;
        context.emit(std::move(event));
    }
    context.emit(applied(fmt::format("configuration applied: {} tunnels, {}", loaded.phase1s.size(),
                                     difference.summary())));
}

void tell_start(const config::Config& loaded, EngineContext& context) {
    context.emit(applied(fmt::format("configuration applied: {} tunnels", loaded.phase1s.size())));
}

}  // namespace xfrmd::ike
