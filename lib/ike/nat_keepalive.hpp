// NAT keepalives (RFC 3948 section 4): the end that is behind a NAT sends an octet when it has sent
// nothing else for the `keepalive` of its phase 1, so that the NAT does not forget it.
//
// Each such IKE SA has one timer. ESP counts as sent when the kernel's counters say so; they are
// read when the timer fires, twice in that time. A reading does not tell when in the time before it
// a packet was sent: right after the reading before it, for all we know.
#pragma once

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::nat_keepalive {

/// Begins for an IKE SA that is up, if we are behind a NAT.
void start(const IkeSa& sa, EngineContext& context);
/// Timer::nat_keepalive: the counters first, if there are any.
void on_timer(IkeSa& sa, EngineContext& context);
/// The counters are read: sends one if it is time.
void judge(IkeSa& sa, EngineContext& context);

}  // namespace xfrmd::ike::nat_keepalive
