// How long SAs live, and when their successors are asked for (fortios.md 5.2 to 5.4 in the words of
// FortiOS: keylife, keepalive).
#pragma once

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::lifetimes {

/// Arms the timers of a new IKE SA.
void start(IkeSa& sa, EngineContext& context);
/// Arms the timers of a Child SA that is in the kernel now.
void start(IkeSa& sa, ChildSa& child, EngineContext& context);

/// An IKE SA is near its end.
void on_ike_rekey_timer(IkeSa& sa, EngineContext& context);
/// A Child SA is near its end by time.
void on_child_rekey_timer(IkeSa& sa, EspSpi spi_in, EngineContext& context);
/// The kernel says that a Child SA has nearly used up its octets: there is traffic.
void on_octets_nearly_used(IkeSa& sa, EspSpi spi_in, EngineContext& context);

/// A rekey failed, or the peer put it off: it is tried again soon, until the SA's end.
void retry_ike_rekey(IkeSa& sa, EngineContext& context);
void retry_child_rekey(IkeSa& sa, EspSpi spi_in, EngineContext& context);

}  // namespace xfrmd::ike::lifetimes
