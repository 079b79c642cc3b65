// What IKE SAs report, and what follows from it for their tunnels.
#include <algorithm>

#include "ike/reconciler.hpp"
#include "ike/reconciler_events.hpp"

namespace xfrmd::ike {

void Reconciler::on_report(const Report& report) {
    std::visit([this](const auto& happened) { on(happened); }, report);
}

void Reconciler::on(const IkeSaUp& report) {
    IkeSa* sa = context_.sas->find(report.sa);
    if (sa == nullptr) return;
    const auto tunnel = sa->tunnel;
    peers_.add(*sa);
    if (!crowd_.admit(*sa)) return;
    surplus_.on_ike_sa_up(*sa);
    tunnel->unproved_caller.reset();
    // What a Child SA met with in this very IKE_AUTH is still so.
    if (tunnel->trouble && (tunnel->trouble->at < context_.now.boottime ||
                            tunnel->trouble->link <= Link::authentication))
        tunnel->trouble.reset();
    if (!tunnel->may_initiate()) return;
    const Instant now = context_.now.boottime;
    for (std::size_t i = 0; i < tunnel->phase2_states.size(); ++i) {
        Phase2State& state = tunnel->phase2_states[i];
        refresh(*tunnel, i);
        if (state.status != Phase2Status::down || !is_wanted(*tunnel, i)) continue;
        // The end that began it asks at once; if both did, each phase 2 would come twice.
        state.next_attempt = sa->role == Role::initiator ? now : now + auto_negotiate_interval;
    }
    tick(tunnel);
}

void Reconciler::on(const ChildUp& report) {
    Tunnel& tunnel = *report.tunnel;
    Phase2State& state = tunnel.phase2_states[report.phase2];
    IkeSa* sa = context_.sas->find(report.sa);
    const ChildSa* child = sa != nullptr ? sa->find_child(report.spi_in) : nullptr;
    if (child == nullptr) return;
    surplus_.on_child_up(*sa, *child);
    state.asked = false;
    state.attempt = IkeSpi(0);
    state.next_attempt.reset();
    state.reason.reset();
    state.why.clear();
    state.trouble.reset();
    set_status(tunnel, report.phase2, Phase2Status::up);
    if (state.acquire && child->initiated)
        state.acquire.reset();  // it was answered with the installation
    else if (state.acquire)
        give_up_acquire_later(tunnel, report.phase2);
    if (sa->role == Role::responder && tunnel.may_initiate()) drop_own_attempts(tunnel);
    if (tunnel.may_initiate()) schedule(tunnel);
}

/// The peer's IKE_AUTH was faster. An attempt whose IKE_AUTH is out already is left alone: the peer
/// may have answered, and believe in it.
void Reconciler::drop_own_attempts(const Tunnel& tunnel) {
    for (IkeSpi spi : tunnel.ike_sas) {
        IkeSa* sa = context_.sas->find(spi);
        if (sa == nullptr || sa->state_name() != StateName::init_sent ||
            surplus_.replaced_by(spi) != IkeSpi(0))
            continue;
        sa->fail(Reason::duplicate, "the peer's own negotiation was faster: ours is not needed",
                 context_);
        context_.unsettled.push_back(spi);
    }
}

/// It is known by its address too.
void Reconciler::on(const PeerMoved& report) {
    const IkeSa* sa = context_.sas->find(report.sa);
    if (sa == nullptr) return;
    peers_.remove(report.sa);
    peers_.add(*sa);
}

void Reconciler::on(const ChildFailed& report) {
    failed(report.tunnel, report.phase2, {report.reason, report.message});
    schedule(*report.tunnel);
}

void Reconciler::on(const ChildGone& report) {
    Tunnel& tunnel = *report.tunnel;
    surplus_.on_child_gone(report.sa);
    if (!tunnel.may_initiate()) {
        // One state for all peers: up as long as there is any.
        if (tunnel.ike_sas.empty() || tunnel.phase1->type != config::GatewayType::dynamic)
            refresh(tunnel, report.phase2);
        return;
    }
    const bool was_up = tunnel.phase2_states[report.phase2].status == Phase2Status::up;
    refresh(tunnel, report.phase2);
    if (was_up && !tunnel.held_down)
        failed(report.tunnel, report.phase2, {report.reason, advice(report.reason)});
    schedule(tunnel);
}

void Reconciler::on(const IkeSaGone& report) {
    Tunnel& tunnel = *report.tunnel;
    peers_.remove(report.sa);
    if (const IkeSa* old = context_.sas->find(surplus_.replaced_by(report.sa))) replace_later(*old);
    surplus_.on_gone(report.sa);
    if (!tunnel.may_initiate()) {
        if (tunnel.ike_sas.empty())
            for (std::size_t i = 0; i < tunnel.phase2_states.size(); ++i)
                set_status(tunnel, i, Phase2Status::down);
        return tell_end(report);
    }
    // What was to be asked for in it has failed as well, unless another one is there for it.
    const bool hopeless = !report.was_established && report.ending.reason != Reason::duplicate;
    for (std::size_t i = 0; i < tunnel.phase2_states.size(); ++i) {
        Phase2State& state = tunnel.phase2_states[i];
        const bool negotiated = state.status == Phase2Status::negotiating;
        if (state.attempt == report.sa) state.attempt = IkeSpi(0);
        refresh(tunnel, i);
        if (state.status != Phase2Status::down || !is_wanted(tunnel, i)) continue;
        if (report.ending.reason != Reason::duplicate && (hopeless || negotiated))
            failed(report.tunnel, i, report.ending);
        if (!state.next_attempt && is_wanted(tunnel, i))
            state.next_attempt = context_.now.boottime + auto_negotiate_interval;
    }
    tell_end(report);
    schedule(tunnel);
}

/// The end of what a FortiGate logs when a peer is lost.
void Reconciler::tell_end(const IkeSaGone& report) {
    const Tunnel& tunnel = *report.tunnel;
    const auto say = [&](const char* text) {
        context_.emit(tunnel_event(tunnel, Severity::info, text));
    };
    const bool timed_out = report.ending.reason == Reason::negotiation_timeout;
    if (!timed_out && report.ending.reason != Reason::peer_silent) return;
    if (timed_out)
        for (const char* text : {"connection expiring due to phase1 down", "deleting", "flushing"})
            say(text);
    say("flushed");
    if (std::ranges::any_of(tunnel.phase2_states, [](const Phase2State& state) {
            return state.status == Phase2Status::down && state.next_attempt;
        }))
        say("schedule auto-negotiate");
    say("deleted");
}

// ---- Replacement -------------------------------------------------------------------------------

void Reconciler::on(const NoAdditionalSas& report) {
    if (IkeSa* sa = context_.sas->find(report.sa)) sa->takes_no_more = true;
    replace(report.sa);
}

void Reconciler::replace(IkeSpi old) {
    IkeSa* sa = context_.sas->find(old);
    if (sa == nullptr || !sa->is_established() || sa->is_closing()) return;
    const auto tunnel = sa->tunnel;
    if (!tunnel->may_initiate() || tunnel->held_down || tunnel->standby) return;
    if (has_half_open(*tunnel, context_)) return replace_later(*sa);
    const std::size_t phase2 = sa->children.empty() ? 0 : sa->children.front().phase2;
    const auto successor = start_ike_sa(tunnel, phase2, std::nullopt, context_);
    if (!successor) return replace_later(*sa);
    sa->takes_no_more = true;
    surplus_.replace(old, *successor);
}

/// "reauth" is tried until the IKE SA's end, as a rekey is.
void Reconciler::replace_later(const IkeSa& old) {
    if (old.phase1().reauth && old.is_established() && !old.is_closing())
        context_.timers.arm({Timer::ike_rekey, old.own_spi().value()},
                            context_.now.boottime + rekey_retry_interval);
}

}  // namespace xfrmd::ike
