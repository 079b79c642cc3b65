#include "ike/liveness.hpp"

#include "ike/traffic.hpp"

namespace xfrmd::ike::liveness {
namespace {

using config::DpdMode;

/// Looks again after the usual time, or as soon as the silence may have lasted long enough.
void watch(const IkeSa& sa, EngineContext& context) {
    const Instant now = context.now.boottime;
    Instant next = now + watch_interval(sa.phase1());
    const Instant suspicious = sa.last_inbound + sa.phase1().dpd_retry_interval;
    if (suspicious > now) next = std::min(next, suspicious);
    context.timers.arm({Timer::liveness, sa.own_spi().value()}, next);
}

/// A responder has heard nothing since IKE_AUTH: its answer may be lost, and the peer may have
/// given the negotiation up. Two ends that both believe in the other's call that failed would stay
/// so for as long as there is no traffic.
bool is_unconfirmed(const IkeSa& sa) {
    return sa.role == Role::responder && sa.predecessor == IkeSpi(0) &&
           sa.last_inbound == sa.established_at;
}

bool is_suspect(const IkeSa& sa, Instant now) {
    const Duration interval = sa.phase1().dpd_retry_interval;
    if (now - sa.last_inbound < interval) return false;
    if (sa.phase1().dpd == DpdMode::on_idle || is_unconfirmed(sa)) return true;
    return sa.last_outbound > sa.last_inbound && now - sa.last_outbound < interval;
}

}  // namespace

void start(IkeSa& sa, EngineContext& context) {
    sa.counters_read = context.now.boottime;
    if (sa.phase1().dpd != DpdMode::disable) watch(sa, context);
}

void on_reconfigured(IkeSa& sa, EngineContext& context) {
    if (sa.phase1().dpd == DpdMode::disable)
        return context.timers.cancel({Timer::liveness, sa.own_spi().value()});
    watch(sa, context);
}

void on_timer(IkeSa& sa, EngineContext& context) {
    if (!sa.is_established() || sa.is_closing()) return;
    watch(sa, context);
    if (sa.children.empty()) return judge(sa, context);
    traffic::ask(sa, context);
}

void judge(IkeSa& sa, EngineContext& context) {
    if (sa.phase1().dpd == DpdMode::disable || !sa.is_established() || sa.is_closing()) return;
    if (sa.window.idle() && sa.wishes.empty() && is_suspect(sa, context.now.boottime))
        sa.ask(Probe{}, context);
}

}  // namespace xfrmd::ike::liveness
