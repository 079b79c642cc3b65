#include "ike/nat_keepalive.hpp"

#include <algorithm>

#include "ike/nat_traversal.hpp"
#include "ike/traffic.hpp"

namespace xfrmd::ike::nat_keepalive {
namespace {

bool is_wanted(const IkeSa& sa) {
    return sa.nat.here && nat_traversal::packs_into_udp(sa) && sa.is_established();
}

void arm(const IkeSa& sa, Instant at, EngineContext& context) {
    context.timers.arm({Timer::nat_keepalive, sa.own_spi().value()}, at);
}

Instant due(const IkeSa& sa) {
    return std::max(sa.last_sent, sa.last_outbound) + sa.phase1().nat_keepalive;
}

bool has_counters(const IkeSa& sa) {
    return std::ranges::any_of(
        sa.children, [](const ChildSa& child) { return child.state == ChildState::established; });
}

}  // namespace

void start(const IkeSa& sa, EngineContext& context) {
    if (is_wanted(sa)) arm(sa, context.now.boottime + sa.phase1().nat_keepalive, context);
}

void on_timer(IkeSa& sa, EngineContext& context) {
    if (!is_wanted(sa)) return;
    const Instant now = context.now.boottime;
    if (due(sa) > now) return arm(sa, due(sa), context);
    arm(sa, now + sa.phase1().nat_keepalive, context);
    if (has_counters(sa)) return traffic::ask(sa, context);
    judge(sa, context);
}

void judge(IkeSa& sa, EngineContext& context) {
    const Instant now = context.now.boottime;
    if (!is_wanted(sa) || due(sa) > now) return;
    context.outputs.emplace_back(NatKeepalive{sa.local, sa.remote});
    sa.last_sent = now;
    arm(sa, due(sa), context);
}

}  // namespace xfrmd::ike::nat_keepalive
