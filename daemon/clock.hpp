// The only reader of the system's clocks.
#pragma once

#include "base/time.hpp"
#include "ike/input_output.hpp"

namespace xfrmd::daemon {

/// CLOCK_BOOTTIME.
Instant boottime_now();

/// Both clocks, for one wake-up.
ike::Now read_clocks();

}  // namespace xfrmd::daemon
