// Time as the engine sees it: always given, never asked for.
#pragma once

#include <chrono>
#include <cstdint>

namespace xfrmd {

/// CLOCK_BOOTTIME: counts suspend, knows no steps. It has no now(): only daemon/ reads clocks.
struct Boottime {
    using rep = std::int64_t;
    using period = std::micro;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<Boottime>;
    static constexpr bool is_steady = true;
};

using Duration = Boottime::duration;
/// A point on the boot-time clock, in microseconds.
using Instant = Boottime::time_point;
/// Civil time in seconds; only for certificates and for what people read.
using WallTime = std::chrono::sys_seconds;

}  // namespace xfrmd
