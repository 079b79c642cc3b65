#include "ike/reconciler.hpp"

#include <algorithm>

#include "ike/kernel_acquire.hpp"
#include "ike/reconciler_events.hpp"

namespace xfrmd::ike {

// ---- The rule ----------------------------------------------------------------------------------

bool Reconciler::is_wanted(const Tunnel& tunnel, std::size_t phase2) const {
    const DesiredState desired = tunnel.desired(phase2);
    if (!may_initiate(desired) || tunnel.held_down || tunnel.standby) return false;
    return desired == DesiredState::up || tunnel.phase2_states[phase2].asked;
}

bool Reconciler::is_due(const Tunnel& tunnel, std::size_t phase2) const {
    const Phase2State& state = tunnel.phase2_states[phase2];
    // What an IKE_AUTH of ours asks for is reported on its own.
    const bool under_way = tunnel.resolving || state.attempt != IkeSpi(0);
    if (state.status != Phase2Status::down || under_way || !is_wanted(tunnel, phase2)) return false;
    return state.asked || !state.next_attempt || *state.next_attempt <= context_.now.boottime;
}

void Reconciler::tick(const std::shared_ptr<Tunnel>& tunnel) {
    if (!tunnel->may_initiate() || context_.tunnels.find(tunnel->number) != tunnel) return;
    for (std::size_t i = 0; i < tunnel->phase2_states.size(); ++i) {
        refresh(*tunnel, i);
        if (is_due(*tunnel, i)) attempt(tunnel, i);
    }
    schedule(*tunnel);
}

/// Looks again when the next attempt is due. While something is under way as well: should it end
/// without a word, that is found out.
void Reconciler::schedule(const Tunnel& tunnel) {
    const Instant now = context_.now.boottime;
    std::optional<Instant> next;
    for (std::size_t i = 0; i < tunnel.phase2_states.size(); ++i) {
        const Phase2State& state = tunnel.phase2_states[i];
        if (state.status == Phase2Status::up || !is_wanted(tunnel, i)) continue;
        const Instant at = state.next_attempt && *state.next_attempt > now
                               ? *state.next_attempt
                               : now + auto_negotiate_interval;
        next = std::min(next.value_or(at), at);
    }
    const TimerKey key{Timer::auto_negotiate, tunnel.number};
    if (next && context_.tunnels.find(tunnel.number))
        context_.timers.arm(key, *next);
    else
        context_.timers.cancel(key);
}

void Reconciler::attempt(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2) {
    Phase2State& state = tunnel->phase2_states[phase2];
    if (const auto obstacle = find_obstacle(*tunnel, phase2, context_))
        return on_obstacle(tunnel, phase2, *obstacle);
    if (IkeSa* sa = usable_ike_sa(*tunnel, context_)) {
        state.next_attempt.reset();
        sa->ask(CreateChild{phase2, state.acquire}, context_);
        return refresh(*tunnel, phase2);
    }
    // Without an IKE SA one phase 2 makes it; the others follow when it is up.
    if (has_half_open(*tunnel, context_))
        state.next_attempt = context_.now.boottime + auto_negotiate_interval;
    else
        attempt_with_new_ike_sa(tunnel, phase2);
}

void Reconciler::attempt_with_new_ike_sa(const std::shared_ptr<Tunnel>& tunnel,
                                         std::size_t phase2) {
    const config::Phase1& phase1 = *tunnel->phase1;
    Phase2State& state = tunnel->phase2_states[phase2];
    if (!state.asked && !phase1.auto_negotiate) {
        // It rides on an IKE SA that somebody else makes.
        state.next_attempt = context_.now.boottime + auto_negotiate_interval;
        return;
    }
    if (!state.asked && waits_for_slot(*tunnel, state)) return;
    if (phase1.type != config::GatewayType::ddns) return begin(tunnel, phase2);
    // The name is asked for each time: that its address changes is why there is a name.
    tunnel->resolving = true;
    context_.outputs.emplace_back(
        ResolveName{tunnel->number, phase1.remote_gateway_name, phase1.ip_version});
}

/// What starts by itself waits for its turn among all tunnels that do; true if that is not now.
bool Reconciler::waits_for_slot(Tunnel& tunnel, Phase2State& state) {
    if (!tunnel.slot) tunnel.slot = pacing_.reserve(context_.now.boottime);
    if (*tunnel.slot > context_.now.boottime) {
        state.next_attempt = tunnel.slot;
        return true;
    }
    tunnel.slot.reset();
    return false;
}

void Reconciler::begin(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2) {
    Phase2State& state = tunnel->phase2_states[phase2];
    const auto spi = start_ike_sa(tunnel, phase2, state.acquire, context_);
    if (!spi)
        return on_obstacle(tunnel, phase2,
                           {Reason::invalid_key_exchange,
                            "this machine's library lacks the first group of dhgrp"});
    state.attempt = *spi;
    state.next_attempt.reset();
    refresh(*tunnel, phase2);
}

void Reconciler::on_name_resolved(const NameResolved& answer) {
    const auto tunnel = context_.tunnels.find(answer.tunnel);
    if (!tunnel || !tunnel->resolving || tunnel->phase1->remote_gateway_name != answer.name) return;
    tunnel->resolving = false;
    if (!answer.addresses.empty() && tunnel->remote != answer.addresses.front()) {
        context_.tunnels.set_remote(tunnel, answer.addresses.front());
        setup_.set_remote(*tunnel, answer.addresses.front());
    }
    for (std::size_t i = 0; i < tunnel->phase2_states.size(); ++i) {
        refresh(*tunnel, i);
        if (!is_due(*tunnel, i)) continue;
        if (answer.addresses.empty())
            on_obstacle(tunnel, i, {Reason::name_not_resolved, answer.error});
        else if (!has_half_open(*tunnel, context_) && !usable_ike_sa(*tunnel, context_))
            begin(tunnel, i);
        else
            attempt(tunnel, i);
    }
    schedule(*tunnel);
}

// ---- What a phase 2 has come to ----------------------------------------------------------------

void Reconciler::refresh(Tunnel& tunnel, std::size_t phase2) {
    set_status(tunnel, phase2, observe(tunnel, phase2, context_));
}

void Reconciler::set_status(Tunnel& tunnel, std::size_t phase2, Phase2Status status) {
    Phase2State& state = tunnel.phase2_states[phase2];
    if (state.status == status) return;
    if (state.status == Phase2Status::up) state.down_since = context_.now.boottime;
    state.status = status;
    state.since = context_.now.boottime;
    note_whether_up(tunnel);
}

/// Backups stand in for tunnels of which no phase 2 is up.
void Reconciler::note_whether_up(Tunnel& tunnel) {
    const bool is_up = std::ranges::find(tunnel.phase2_states, Phase2Status::up,
                                         &Phase2State::status) != tunnel.phase2_states.end();
    const bool changed = std::exchange(tunnel.is_up, is_up) != is_up;
    // What was configured under its name since then is another tunnel.
    if (!changed || context_.tunnels.find(tunnel.number).get() != &tunnel) return;
    for (const auto& backup : backups_.on_change(tunnel))
        apply_standby(backup);
}

void Reconciler::apply_standby(const std::shared_ptr<Tunnel>& backup) {
    context_.emit(tunnel_event(*backup, Severity::notice,
                               backup->standby ? "standing by: what it stands in for is up"
                                               : "standing in: what it monitors is down"));
    if (!backup->standby) return tick(backup);
    for (Phase2State& state : backup->phase2_states) {
        state.asked = false;
        state.next_attempt.reset();
    }
    close_all(*backup, Reason::standby);
    schedule(*backup);
}

void Reconciler::close_all(const Tunnel& tunnel, Reason reason) {
    for (IkeSpi spi : tunnel.ike_sas) {
        IkeSa* sa = context_.sas->find(spi);
        if (sa == nullptr) continue;
        sa->close(reason, context_);
        context_.unsettled.push_back(spi);
    }
}

/// The attempt is over; auto-negotiate plans the next one.
void Reconciler::failed(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2,
                        const Ending& ending) {
    Phase2State& state = tunnel->phase2_states[phase2];
    state.attempt = IkeSpi(0);
    state.asked = false;
    if (state.acquire) give_up_acquire_later(*tunnel, phase2);
    refresh(*tunnel, phase2);
    if (state.status != Phase2Status::down) return;
    state.reason = ending.reason;
    state.why = ending.message;
    state.next_attempt.reset();
    if (is_wanted(*tunnel, phase2))
        state.next_attempt = context_.now.boottime + auto_negotiate_interval;
}

/// It could not even be tried. The same obstacle is told once, unless somebody asked.
void Reconciler::on_obstacle(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2,
                             const Obstacle& obstacle) {
    const Phase2State& state = tunnel->phase2_states[phase2];
    if (state.asked || state.reason != obstacle.reason)
        context_.emit(phase2_event(*tunnel, phase2, obstacle.reason, obstacle.message));
    failed(tunnel, phase2, {obstacle.reason, obstacle.message});
}

void Reconciler::on_links_up(const std::set<std::string>& devices) {
    for (const auto& [name, tunnel] : std::map(context_.tunnels.by_name())) {
        if (!devices.contains(tunnel->phase1->interface)) continue;
        for (Phase2State& state : tunnel->phase2_states)
            state.next_attempt.reset();
        tick(tunnel);
    }
}

// ---- Traffic -----------------------------------------------------------------------------------

void Reconciler::on_acquire(const xfrm::Acquire& acquire) {
    const auto place = context_.tunnels.find(acquire.reqid);
    if (!place) return;
    Tunnel& tunnel = *place->tunnel;
    Phase2State& state = tunnel.phase2_states[place->phase2];
    state.acquire = acquire;
    if (!tunnel.may_initiate()) tell_passive(tunnel, place->phase2);
    if (!tunnel.may_initiate() || tunnel.held_down || tunnel.standby)
        return give_up_acquire_later(tunnel, place->phase2);
    refresh(tunnel, place->phase2);
    if (state.status == Phase2Status::up) return ask_for_more(place->tunnel, place->phase2);
    if (state.status == Phase2Status::negotiating) return;
    state.asked = true;
    tick(place->tunnel);
}

/// A phase 2 is up, and yet a packet found no SA: the peer has narrowed it to other traffic, or the
/// packet was faster than we.
void Reconciler::ask_for_more(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2) {
    const Phase2State& state = tunnel->phase2_states[phase2];
    IkeSa* sa = usable_ike_sa(*tunnel, context_);
    const bool possible = sa != nullptr && sa->children.size() < most_children(sa->phase1()) &&
                          !is_covered(*tunnel, phase2, state.acquire->flow, context_);
    if (possible && !sa->is_asking_for(phase2))
        sa->ask(CreateChild{phase2, state.acquire}, context_);
    give_up_acquire_later(*tunnel, phase2);
}

void Reconciler::give_up_acquire_later(const Tunnel& tunnel, std::size_t phase2) {
    const TimerKey key{Timer::give_up_acquire, tunnel.reqids[phase2].value()};
    if (!context_.timers.is_armed(key))
        context_.timers.arm(key, context_.now.boottime + acquire_grace);
}

void Reconciler::on_acquire_timer(Reqid reqid) {
    const auto place = context_.tunnels.find(reqid);
    if (!place) return;
    Tunnel& tunnel = *place->tunnel;
    Phase2State& state = tunnel.phase2_states[place->phase2];
    if (!state.acquire) return;
    if (tunnel.may_initiate()) refresh(tunnel, place->phase2);
    // What is under way answers it after all.
    if (tunnel.may_initiate() && state.status == Phase2Status::negotiating) return;
    cancel_acquire(*state.acquire, context_);
    state.acquire.reset();
}

void Reconciler::tell_passive(Tunnel& tunnel, std::size_t phase2) {
    static constexpr std::chrono::seconds quiet{30};
    const Instant now = context_.now.boottime;
    if (tunnel.passive_told && now < *tunnel.passive_told + quiet) return;
    tunnel.passive_told = now;
    context_.emit(phase2_event(tunnel, phase2, Reason::passive_mode, passive_message));
}

// ---- Operators ---------------------------------------------------------------------------------

void Reconciler::up(const std::shared_ptr<Tunnel>& tunnel, std::string_view phase2) {
    tunnel->held_down = false;
    for (std::size_t i = 0; i < tunnel->phase2_states.size(); ++i) {
        if (!phase2.empty() && tunnel->phase1->phase2s[i].name != phase2) continue;
        if (!tunnel->may_initiate()) {
            context_.emit(phase2_event(*tunnel, i, Reason::passive_mode, passive_message));
        } else if (tunnel->standby) {
            context_.emit(phase2_event(*tunnel, i, Reason::standby,
                                       "not started: what it stands in for is up"));
        } else {
            refresh(*tunnel, i);
            tunnel->phase2_states[i].asked = tunnel->phase2_states[i].status == Phase2Status::down;
        }
    }
    tick(tunnel);
}

void Reconciler::down(const std::shared_ptr<Tunnel>& tunnel) {
    tunnel->held_down = true;
    for (std::size_t i = 0; i < tunnel->phase2_states.size(); ++i) {
        Phase2State& state = tunnel->phase2_states[i];
        state.asked = false;
        state.next_attempt.reset();
        state.reason = Reason::stopped;
        state.why = advice(Reason::stopped);
        if (state.acquire) give_up_acquire_later(*tunnel, i);
    }
    schedule(*tunnel);
}

void Reconciler::stop(const Tunnel& tunnel) {
    context_.timers.cancel({Timer::auto_negotiate, tunnel.number});
    for (std::size_t i = 0; i < tunnel.phase2_states.size(); ++i)
        stop(tunnel, i);
}

void Reconciler::stop(const Tunnel& tunnel, std::size_t phase2) {
    context_.timers.cancel({Timer::give_up_acquire, tunnel.reqids[phase2].value()});
    if (tunnel.phase2_states[phase2].acquire)
        cancel_acquire(*tunnel.phase2_states[phase2].acquire, context_);
}

// ---- Configurations ----------------------------------------------------------------------------

void Reconciler::on_configured() {
    const auto waits = [](const auto& named) { return named.second->slot.has_value(); };
    if (std::ranges::none_of(context_.tunnels.by_name(), waits))
        pacing_.reset(context_.now.boottime);
    for (const auto& backup : backups_.configure(context_.tunnels))
        apply_standby(backup);
}

void Reconciler::on_reconfigured(const std::shared_ptr<Tunnel>& tunnel) {
    for (std::size_t i = 0; i < tunnel->phase2_states.size(); ++i) {
        Phase2State& state = tunnel->phase2_states[i];
        const IkeSa* attempt = context_.sas->find(state.attempt);
        if (attempt == nullptr || attempt->is_dead() || attempt->is_closing())
            state.attempt = IkeSpi(0);
        state.next_attempt.reset();
        if (!tunnel->may_initiate()) state.asked = false;
        refresh(*tunnel, i);
    }
    note_whether_up(*tunnel);
    // A route-based tunnel starts when its interface is there.
    if (!tunnel->phase1->route_based || tunnel->interface_exists) tick(tunnel);
    schedule(*tunnel);
}

}  // namespace xfrmd::ike
