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

/// Packets may have left just after the reading before the one that found them.
Instant due(const IkeSa& sa) {
    return std::max(sa.last_sent, sa.outbound_after) + sa.phase1().nat_keepalive;
}

/// Two readings in that time: as long as packets leave all the while, one is never due.
Instant next_look(const IkeSa& sa, Instant now) {
    const Instant half_way = now + Duration(sa.phase1().nat_keepalive) / 2;
    return due(sa) > now ? std::min(due(sa), half_way) : half_way;
}

bool has_counters(const IkeSa& sa) {
    return std::ranges::any_of(
        sa.children, [](const ChildSa& child) { return child.state == ChildState::established; });
}

}  // namespace

void start(const IkeSa& sa, EngineContext& context) {
    if (is_wanted(sa)) arm(sa, next_look(sa, context.now.boottime), context);
}

void on_timer(IkeSa& sa, EngineContext& context) {
    if (!is_wanted(sa)) return;
    arm(sa, next_look(sa, context.now.boottime), context);
    if (has_counters(sa)) return traffic::ask(sa, context);
    judge(sa, context);
}

void judge(IkeSa& sa, EngineContext& context) {
    const Instant now = context.now.boottime;
    if (!is_wanted(sa) || due(sa) > now) return;
    context.outputs.emplace_back(NatKeepalive{sa.local, sa.remote});
    sa.last_sent = now;
    arm(sa, next_look(sa, now), context);
}

}  // namespace xfrmd::ike::nat_keepalive
