// How long SAs live, and when their successors are asked for.
//
// FortiOS's margins, as measured (they are documented nowhere): the end that created an SA is the
// first to ask, the other one takes over thirty seconds later, and a dial-up server leaves it to
// its clients for as long as it can.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::lifetimes {

/// A Child SA without keepalive gets a successor if it was used in this time before it is old.
inline constexpr std::chrono::seconds recent_use{60};
/// How often an old and unused Child SA is looked at: the first packet gets it a successor.
inline constexpr std::chrono::seconds use_poll_interval{5};
/// A Child SA with a successor is the peer's to delete. If it does not, until its retransmissions
/// are over for sure, we do.
inline constexpr std::chrono::seconds superseded_lifetime = orphan_lifetime;
/// Of keylifekbs, and of the 2^32 packets that an SA without extended sequence numbers can carry:
/// when the kernel tells that the end is near, to the SA's initiator and to the other end.
inline constexpr std::uint64_t soft_percent_initiator = 90;
inline constexpr std::uint64_t soft_percent_responder = 95;

/// The age at which an SA wants a successor: never before half its life is over.
Duration soft_lifetime(std::chrono::seconds lifetime, bool initiated, config::GatewayType type);

/// Arms the timers of a new IKE SA.
void start(IkeSa& sa, EngineContext& context);
/// The same of one whose phase 1 has changed. One that is too old by now is renewed in a slot of
/// its own, since there may be thousands, and has all the time that this may take; an end that does
/// not renew it lets it live as long as it would have.
void on_reconfigured(IkeSa& sa, const std::function<Instant()>& take_slot, EngineContext& context);
/// Arms the timers of a Child SA that is in the kernel now.
void start(IkeSa& sa, ChildSa& child, EngineContext& context);

/// Arms the end of a Child SA that has got a successor, or has one no more. One that the kernel has
/// not confirmed has no end yet.
void arm_end(IkeSa& sa, const ChildSa& child, EngineContext& context);

/// An IKE SA is near its end.
void on_ike_rekey_timer(IkeSa& sa, EngineContext& context);
/// A Child SA is near its end by time.
void on_child_rekey_timer(IkeSa& sa, EspSpi spi_in, EngineContext& context);
/// The counters were read: old Child SAs with traffic get successors.
void judge(IkeSa& sa, EngineContext& context);
/// The kernel says that a Child SA has nearly used up its octets or numbers: there is traffic.
void on_limit_near(IkeSa& sa, EspSpi spi_in, EngineContext& context);

/// An operator wants new keys: for the Child SAs of a phase 2, or the IKE SA if it has no name.
void rekey(IkeSa& sa, std::string_view phase2, EngineContext& context);

/// The Child SAs of a phase 2 get successors: now, or then if that is later.
void rekey_at(IkeSa& sa, std::size_t phase2, Instant at, EngineContext& context);

/// A rekey failed, or the peer put it off: it is tried again soon, until the SA's end.
void retry_ike_rekey(IkeSa& sa, EngineContext& context);
void retry_child_rekey(IkeSa& sa, EspSpi spi_in, EngineContext& context);

}  // namespace xfrmd::ike::lifetimes
