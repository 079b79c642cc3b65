// What an IKE SA tells of itself.
#include <fmt/format.h>

#include "ike/child_kernel.hpp"
#include "ike/ike_sa.hpp"
#include "ike/lifetimes.hpp"
#include "ike/liveness.hpp"
#include "ike/nat_keepalive.hpp"
#include "ike/nat_traversal.hpp"
#include "ike/offload_ladder.hpp"
#include "ike/peer_move.hpp"

namespace xfrmd::ike {
Link IkeSa::reached() const {
    switch (state_name()) {
        case StateName::init_sent: return Link::first_exchange;
        case StateName::auth_sent:
        case StateName::init_answered:
        case StateName::auth_answering: return Link::authentication;
        default: return Link::data;
    }
}

/// Also of one that ended before it was proved.
bool IkeSa::is_unproved() const {
    return role == Role::responder && established_at == Instant{} &&
           !std::holds_alternative<AuthAnswering>(state) &&
           !std::holds_alternative<Established>(state);
}

Event IkeSa::event(EventKind kind, Severity severity, std::string message) const {
    Event told;
    told.kind = kind;
    told.severity = severity;
    told.message = std::move(message);
    if (tunnel) told.phase1 = tunnel->name();
    told.peer = remote;
    told.spi_i = spi_i;
    told.spi_r = spi_r;
    told.link = reached();
    told.unproved = is_unproved();
    return told;
}

void IkeSa::on_established(EngineContext& context) {
    established_at = last_inbound = context.now.boottime;
    context.timers.cancel({Timer::negotiate_timeout, own_spi().value()});
    lifetimes::start(*this, context);
    liveness::start(*this, context);
    nat_keepalive::start(*this, context);
    context.reports.emplace_back(IkeSaUp{own_spi()});
    const char* as = role == Role::initiator ? "initiator" : "responder";
    context.emit(event(EventKind::ike_sa_established, Severity::notice,
                       fmt::format("IKE SA established with {} as {}: {}, {}",
                                   peer_identity ? peer_identity->text : remote.to_text(), as,
                                   suite.to_text(), to_text(spi_i, spi_r))));
    nat_traversal::tell(*this, context);
}

void IkeSa::on_child_established(ChildSa& child, const InstallOutcome& outcome,
                                 EngineContext& context) {
    child.state = ChildState::established;
    child.established_at = context.now.boottime;
    sort(child.selectors);
    child.traffic.inbound = outcome.inbound;
    child.traffic.outbound = outcome.outbound;
    if (child.replaces != EspSpi(0)) ++context.tally.child_sas_rekeyed;
    lifetimes::start(*this, child, context);
    context.reports.emplace_back(ChildUp{tunnel, child.phase2, own_spi(), child.spi_in});
    const config::Phase2& phase2 = phase1().phase2s[child.phase2];
    const std::string not_more = offload::news(child.offload);
    Event told = event(
        EventKind::child_sa_established, Severity::notice,
        fmt::format("IPsec SA established: {} {}{}, SPI in {:08x} out {:08x}, {} <-> {}, {} in, {} "
                    "out",
                    child.suite.to_text(),
                    child.mode == xfrm::Mode::tunnel ? "tunnel-mode" : "transport-mode",
                    child.in_udp ? " in UDP" : "", child.spi_in.value(), child.spi_out.value(),
                    to_text(child.selectors.local), to_text(child.selectors.remote),
                    offload::to_text(outcome.inbound.offload),
                    offload::to_text(outcome.outbound.offload)) +
            (not_more.empty() ? "" : fmt::format(" ({})", not_more)));
    told.phase2 = phase2.name;
    told.esp_spi_in = child.spi_in;
    told.esp_spi_out = child.spi_out;
    context.emit(std::move(told));
    peer_move::lead_after(*this, child, context);
}

void IkeSa::on_child_failed(std::size_t phase2, const ChildRefusal& refusal,
                            EngineContext& context) {
    emit_child_failure(phase2, refusal, context);
    context.reports.emplace_back(ChildFailed{tunnel, phase2, refusal.reason, refusal.message});
}

void IkeSa::emit_child_failure(std::size_t phase2, const ChildRefusal& refusal,
                               EngineContext& context) const {
    Event told = event(refusal.reason == Reason::kernel_refused ? EventKind::kernel_refused
                                                                : EventKind::child_sa_failed,
                       Severity::warning, refusal.message);
    if (phase2 != no_phase2) told.phase2 = phase1().phase2s[phase2].name;
    told.reason = refusal.reason;
    context.emit(std::move(told));
}

void IkeSa::log_keys(EngineContext& context) {
    if (!context.options.log_keys) return;
    const crypto::IkeKeys& keys = session()->keys;
    context.outputs.emplace_back(KeyLog{spi_i, spi_r, suite, keys.sk_ei.clone(), keys.sk_er.clone(),
                                        keys.sk_ai.clone(), keys.sk_ar.clone()});
}

}  // namespace xfrmd::ike
