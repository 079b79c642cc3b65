#include "control/summary.hpp"

#include <algorithm>
#include <array>

#include "control/diagnosis.hpp"
#include "ike/ike_sa_states.hpp"

namespace xfrmd::control {
namespace {

using ike::Phase2Status;
using ike::TunnelOverview;

std::size_t count(const TunnelOverview& tunnel, Phase2Status status) {
    return static_cast<std::size_t>(
        std::ranges::count(tunnel.phase2s, status, &ike::Phase2View::status));
}

/// Down without a failure: nobody has asked for it yet.
bool is_waiting(const TunnelOverview& tunnel) {
    return std::ranges::all_of(tunnel.phase2s, [&](const ike::Phase2View& phase2) {
        const auto is_fault = [&](ike::Reason reason) { return !is_usual(reason, phase2.desired); };
        return phase2.desired != ike::DesiredState::up &&
               !(phase2.reason && is_fault(*phase2.reason)) &&
               !(phase2.trouble && is_fault(phase2.trouble->reason)) &&
               !(tunnel.trouble && is_fault(tunnel.trouble->reason));
    });
}

TunnelState state_of(const TunnelOverview& tunnel) {
    if (!tunnel.in_service) return TunnelState::out_of_service;
    const std::size_t up = count(tunnel, Phase2Status::up);
    if (up > 0) return up == tunnel.phase2s.size() ? TunnelState::up : TunnelState::partly_up;
    if (tunnel.held_down) return TunnelState::held_down;
    if (tunnel.standby) return TunnelState::standby;
    if (count(tunnel, Phase2Status::negotiating) > 0 || tunnel.resolving)
        return TunnelState::negotiating;
    return is_waiting(tunnel) ? TunnelState::waiting : TunnelState::down;
}

/// Keeps the earliest of what is still to come.
class Earliest {
  public:
    explicit Earliest(Instant now) : now_(now) {}
    void offer(const std::optional<Instant>& at, const std::string& what) {
        if (at && *at >= now_ && (!next_ || *at < next_->at)) next_ = NextEvent{what, *at};
    }
    std::optional<NextEvent> take() { return std::move(next_); }

  private:
    Instant now_;
    std::optional<NextEvent> next_;
};

std::optional<NextEvent> next_event(const TunnelOverview& tunnel, Instant now) {
    Earliest next(now);
    for (const ike::Phase2View& phase2 : tunnel.phase2s) {
        next.offer(phase2.next_attempt, "attempt");
        for (const ike::ChildSaView& child : phase2.children) {
            if (child.replaced) continue;
            next.offer(child.rekey_at, "rekey");
            next.offer(child.expires_at, "expiry");
        }
    }
    for (const ike::IkeSaView& sa : tunnel.ike_sas) {
        next.offer(sa.gives_up_at, sa.established_at ? "peer lost" : "give up");
        if (sa.state != ike::StateName::established) continue;
        next.offer(sa.rekey_at, "IKE rekey");
        next.offer(sa.expires_at, "IKE expiry");
    }
    return next.take();
}

}  // namespace

const char* to_text(TunnelState state) {
    static constexpr std::array names{"up",      "partly-up", "negotiating", "down",
                                      "waiting", "held-down", "standby",     "out-of-service"};
    return names[static_cast<std::size_t>(state)];
}

Summary summary_of(const TunnelOverview& tunnel, Instant now) {
    Summary summary;
    summary.state = state_of(tunnel);
    summary.up = count(tunnel, Phase2Status::up);
    for (const ike::Phase2View& phase2 : tunnel.phase2s) {
        summary.since = std::max(summary.since, summary.up > 0 ? phase2.since : phase2.down_since);
        summary.total.packets_in += phase2.total.packets_in;
        summary.total.packets_out += phase2.total.packets_out;
        summary.total.bytes_in += phase2.total.bytes_in;
        summary.total.bytes_out += phase2.total.bytes_out;
    }
    summary.next = next_event(tunnel, now);
    return summary;
}

}  // namespace xfrmd::control
