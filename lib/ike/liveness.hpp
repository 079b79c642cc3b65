// Dead peer detection: whether the peer is heard, and when it is asked (FortiOS's DPD; RFC 7296
// section 2.4).
//
//   disable     never asks, always answers
//   on-demand   asks when packets went out and none came in for dpd-retryinterval
//   on-idle     asks when nothing came in for dpd-retryinterval, whatever went out
//
// A responder that has heard nothing since IKE_AUTH asks once, unless disabled: its answer may be
// lost. "In" is ESP on any Child SA of the IKE SA, or any authentic message of it: an answered
// probe too. While another request is outstanding there is no probe: that request asks the same.
#pragma once

#include <algorithm>
#include <chrono>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::liveness {

/// How long an unanswered probe may be so.
inline Duration patience(const config::Phase1& phase1) {
    return std::min<Duration>(retransmission_ceiling,
                              phase1.dpd_retry_interval * phase1.dpd_retry_count);
}

/// How often the kernel's counters are read: four times in dpd-retryinterval, so that silence is
/// noticed in time and a reading is never as old as the interval; every five seconds at least.
inline Duration watch_interval(const config::Phase1& phase1) {
    return std::clamp<Duration>(phase1.dpd_retry_interval / 4, std::chrono::milliseconds{250},
                                std::chrono::seconds{5});
}

/// Begins to watch an established IKE SA, if its phase 1 wants that.
void start(IkeSa& sa, EngineContext& context);
/// Its phase 1 has changed: it is watched by the new times, or not any more.
void on_reconfigured(IkeSa& sa, EngineContext& context);
/// Time to look: the counters first, if there are any.
void on_timer(IkeSa& sa, EngineContext& context);
/// The counters are read: asks the peer if it has been silent for too long.
void judge(IkeSa& sa, EngineContext& context);

}  // namespace xfrmd::ike::liveness
