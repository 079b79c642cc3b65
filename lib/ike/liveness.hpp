// Dead peer detection: whether the peer is heard, and when it is asked (FortiOS's DPD; RFC 7296
// section 2.4).
#pragma once

#include <span>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::liveness {

/// How long an unanswered probe may be so: min(93 s, dpd-retrycount x dpd-retryinterval).
Duration patience(const config::Phase1& phase1);

/// Begins to watch an established IKE SA, if its phase 1 wants that.
void start(IkeSa& sa, EngineContext& context);
void on_timer(IkeSa& sa, EngineContext& context);

}  // namespace xfrmd::ike::liveness
