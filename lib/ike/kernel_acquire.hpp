// An ACQUIRE of the kernel that will not be answered by an SA.
#pragma once

#include "ike/engine_context.hpp"
#include "xfrm/event.hpp"

namespace xfrmd::ike {

/// Lets the next packet of that flow raise an ACQUIRE again. Else the kernel waits for the SA until
/// its patience is over (30 s), in silence. Does nothing if that is over already.
void cancel_acquire(const xfrm::Acquire& acquire, EngineContext& context);

}  // namespace xfrmd::ike
