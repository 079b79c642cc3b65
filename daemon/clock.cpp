#include "daemon/clock.hpp"

#include <time.h>

#include "base/assert.hpp"

namespace xfrmd::daemon {
namespace {

timespec read(clockid_t clock) {
    timespec time{};
    XFRMD_ASSERT(clock_gettime(clock, &time) == 0);
    return time;
}

}  // namespace

Instant boottime_now() {
    const timespec time = read(CLOCK_BOOTTIME);
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::seconds(time.tv_sec) +
                                                        std::chrono::nanoseconds(time.tv_nsec)));
}

ike::Now read_clocks() {
    return {.boottime = boottime_now(),
            .wall = WallTime(std::chrono::seconds(read(CLOCK_REALTIME).tv_sec))};
}

}  // namespace xfrmd::daemon
