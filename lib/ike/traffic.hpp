// "Was there traffic": the kernel's packet counters of an IKE SA's Child SAs, read now and then.
// The kernel tells no time of last use, so it is the difference of two readings.
#pragma once

#include <span>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::traffic {

/// Asks the kernel for the counters; the answer comes as a CounterQuery reply.
void ask(const IkeSa& sa, EngineContext& context);

/// Notes what has grown since the last reading. What came in came at some time since then: the
/// peer counts as heard from then on, so that its silence is never noticed too late.
void on_counters(IkeSa& sa, std::span<const xfrm::OperationResult> results, Instant now);

/// A Child SA goes: what was counted on it stays with its phase 2.
void keep(const ChildSa& child, Tunnel& tunnel);
/// And what came since the last reading, as the kernel tells when it takes the SAs out.
void book(std::span<const BookedSa> booked, std::span<const xfrm::OperationResult> results,
          EngineContext& context);

}  // namespace xfrmd::ike::traffic
