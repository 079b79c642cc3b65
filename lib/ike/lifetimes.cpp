#include "ike/lifetimes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ike/traffic.hpp"

namespace xfrmd::ike::lifetimes {
namespace {

using std::chrono::seconds;

/// Before the end of a long life (an hour or more), and of a short one.
constexpr seconds long_life{3600};
constexpr seconds long_margin_initiator{300};
constexpr seconds long_margin_responder{270};
constexpr seconds short_margin_initiator{50};
constexpr seconds short_margin_responder{30};
constexpr seconds dial_up_server_margin{15};

seconds margin_of(seconds lifetime, bool initiated, config::GatewayType type) {
    if (type == config::GatewayType::dynamic) return dial_up_server_margin;
    if (lifetime >= long_life) return initiated ? long_margin_initiator : long_margin_responder;
    return initiated ? short_margin_initiator : short_margin_responder;
}

void arm(const ChildSa& child, Instant at, EngineContext& context) {
    context.timers.arm({Timer::child_rekey, child.spi_in.value()}, at);
}

void ask_for_successor(IkeSa& sa, ChildSa& child, EngineContext& context) {
    child.wants_successor = true;
    sa.ask(RekeyChild{child.spi_in}, context);
}

/// Passive ends answer, and begin nothing: the peer asks for a successor or the SA ends.
void tell_passive(const IkeSa& sa, const ChildSa& child, EngineContext& context) {
    Event told = sa.event(EventKind::child_sa_state, Severity::info,
                          fmt::format("IPsec SA with SPI {:08x} is near its end, passive-mode "
                                      "leaves its rekey to the peer",
                                      child.spi_in.value()));
    told.phase2 = sa.phase1().phase2s[child.phase2].name;
    told.reason = Reason::passive_mode;
    context.emit(std::move(told));
}

bool was_used_lately(const ChildSa& child, Instant now) {
    // Readings lie up to a poll interval apart, and the last one was answered a moment ago.
    return child.traffic.last_used != Instant{} &&
           now - child.traffic.last_used < recent_use + use_poll_interval;
}

}  // namespace

Duration soft_lifetime(seconds lifetime, bool initiated, config::GatewayType type) {
    const seconds margin = margin_of(lifetime, initiated, type);
    return std::max<Duration>(lifetime - margin, Duration(lifetime) / 2);
}

void start(IkeSa& sa, EngineContext& context) {
    const config::Phase1& phase1 = sa.phase1();
    const Instant now = context.now.boottime;
    const std::uint64_t owner = sa.own_spi().value();
    context.timers.arm({Timer::ike_expire, owner}, sa.established_at + phase1.keylife);
    if (!phase1.rekey || phase1.passive) return context.timers.cancel({Timer::ike_rekey, owner});
    const Duration soft = soft_lifetime(phase1.keylife, sa.role == Role::initiator, phase1.type);
    context.timers.arm({Timer::ike_rekey, owner}, std::max(sa.established_at + soft, now));
}

void on_reconfigured(IkeSa& sa, const std::function<Instant()>& take_slot, EngineContext& context) {
    const config::Phase1& phase1 = sa.phase1();
    const TimerKey expiry{Timer::ike_expire, sa.own_spi().value()};
    const TimerKey rekey{Timer::ike_rekey, sa.own_spi().value()};
    const Instant now = context.now.boottime;
    Instant end = sa.established_at + phase1.keylife;
    if (!phase1.rekey || phase1.passive) {
        // It is the peer that renews the IKE SA, in time for the end that it has known so far.
        context.timers.cancel(rekey);
        return context.timers.arm(expiry, std::max(end, context.timers.due(expiry).value_or(end)));
    }
    Instant renewal =
        sa.established_at + soft_lifetime(phase1.keylife, sa.role == Role::initiator, phase1.type);
    if (renewal <= now) renewal = std::max(take_slot(), now);
    end = std::max<Instant>(end, renewal + retransmission_ceiling + short_margin_responder);
    context.timers.arm(rekey, renewal);
    context.timers.arm(expiry, end);
}

void start(IkeSa& sa, ChildSa& child, EngineContext& context) {
    const config::Phase2& phase2 = sa.phase1().phase2s[child.phase2];
    arm_end(sa, child, context);
    if (phase2.keylife_type == config::KeylifeType::kbs) return;
    const Instant now = context.now.boottime;
    child.soft_end = now + soft_lifetime(phase2.keylife, child.initiated, sa.phase1().type) -
                     context.jitter(rekey_jitter);
    arm(child, std::max(now, child.soft_end - recent_use), context);
}

void arm_end(IkeSa& sa, const ChildSa& child, EngineContext& context) {
    const config::Phase2& phase2 = sa.phase1().phase2s[child.phase2];
    if (child.state == ChildState::installing) return;
    const TimerKey key{Timer::child_expire, child.spi_in.value()};
    Instant end = Instant::max();
    if (phase2.keylife_type != config::KeylifeType::kbs)
        end = child.established_at + phase2.keylife;
    if (child.replaced_by != EspSpi(0))
        end = std::min<Instant>(end, context.now.boottime + superseded_lifetime);
    if (end == Instant::max()) return context.timers.cancel(key);
    context.timers.arm(key, end);
}

void on_ike_rekey_timer(IkeSa& sa, EngineContext& context) {
    if (!sa.is_established() || sa.is_closing()) return;
    if (sa.phase1().reauth)
        context.reports.emplace_back(ReauthenticationDue{sa.own_spi()});
    else
        sa.ask(RekeyIkeSa{}, context);
}

void on_child_rekey_timer(IkeSa& sa, EspSpi spi_in, EngineContext& context) {
    ChildSa* child = sa.find_child(spi_in);
    if (child == nullptr || child->replaced_by != EspSpi(0)) return;
    if (child->wants_successor) return ask_for_successor(sa, *child, context);
    if (child->age == Age::young) {
        child->age = Age::ripe;
        arm(*child, std::max(context.now.boottime, child->soft_end), context);
        return traffic::ask(sa, context);
    }
    if (child->age == Age::ripe && sa.phase1().passive) {
        child->age = Age::old;
        return tell_passive(sa, *child, context);
    }
    child->age = Age::old;
    if (sa.phase1().phase2s[child->phase2].keepalive) return ask_for_successor(sa, *child, context);
    arm(*child, context.now.boottime + use_poll_interval, context);
    traffic::ask(sa, context);
}

void judge(IkeSa& sa, EngineContext& context) {
    if (!sa.is_established() || sa.is_closing() || sa.phase1().passive) return;
    std::vector<EspSpi> used;
    for (const ChildSa& child : sa.children)
        if (child.age == Age::old && !child.wants_successor && child.replaced_by == EspSpi(0) &&
            was_used_lately(child, context.now.boottime))
            used.push_back(child.spi_in);
    for (EspSpi spi_in : used)
        if (ChildSa* child = sa.find_child(spi_in)) ask_for_successor(sa, *child, context);
}

void on_limit_near(IkeSa& sa, EspSpi spi_in, EngineContext& context) {
    ChildSa* child = sa.find_child(spi_in);
    if (child == nullptr || child->replaced_by != EspSpi(0) || child->wants_successor) return;
    if (sa.phase1().passive) return tell_passive(sa, *child, context);
    ask_for_successor(sa, *child, context);
}

void rekey(IkeSa& sa, std::string_view phase2, EngineContext& context) {
    if (!sa.is_established() || sa.is_closing() || !sa.tunnel->may_initiate()) return;
    if (phase2.empty()) return sa.ask(RekeyIkeSa{}, context);
    std::vector<EspSpi> meant;
    for (const ChildSa& child : sa.children)
        if (sa.phase1().phase2s[child.phase2].name == phase2) meant.push_back(child.spi_in);
    for (EspSpi spi_in : meant)
        on_limit_near(sa, spi_in, context);
}

void rekey_at(IkeSa& sa, std::size_t phase2, Instant at, EngineContext& context) {
    if (!sa.is_established() || sa.is_closing()) return;
    std::vector<EspSpi> meant;
    for (ChildSa& child : sa.children)
        if (child.phase2 == phase2 && child.replaced_by == EspSpi(0)) meant.push_back(child.spi_in);
    for (EspSpi spi_in : meant) {
        ChildSa* child = sa.find_child(spi_in);
        if (child == nullptr) continue;
        child->wants_successor = true;
        if (at > context.now.boottime)
            arm(*child, at, context);
        else
            ask_for_successor(sa, *child, context);
    }
}

void retry_ike_rekey(IkeSa& sa, EngineContext& context) {
    context.timers.arm({Timer::ike_rekey, sa.own_spi().value()},
                       context.now.boottime + rekey_retry_interval + context.jitter(rekey_jitter));
}

void retry_child_rekey(IkeSa& sa, EspSpi spi_in, EngineContext& context) {
    ChildSa* child = sa.find_child(spi_in);
    if (child == nullptr) return;
    child->wants_successor = true;
    arm(*child, context.now.boottime + rekey_retry_interval + context.jitter(rekey_jitter),
        context);
}

}  // namespace xfrmd::ike::lifetimes
