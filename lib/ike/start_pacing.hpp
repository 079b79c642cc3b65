// When tunnels that start by themselves may do so, if thousands of them want to at once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace xfrmd::ike {

/// A token bucket that hands out times instead of refusals: whoever has one waits for it with a
/// timer of its own, and nobody has to look after a queue.
class StartPacing {
  public:
    /// So many start at once: what a usual gateway has, and no more than 1 s of key exchanges with
    /// the slowest groups.
    static constexpr std::uint32_t burst = 100;
    /// Then so many every second: IKE_SA_INIT and IKE_AUTH of both ends fit in a core of theirs,
    /// and the peers of all are not called in one burst of datagrams that their links would drop.
    static constexpr std::uint32_t per_second = 200;

    /// The earliest time at which one more may start; it is taken with that.
    Instant reserve(Instant now) {
        full_at_ = std::max(full_at_, now);
        const Instant start = std::max(now, full_at_ - interval * (burst - 1));
        full_at_ += interval;
        return start;
    }

    /// Nobody waits for the times that were handed out. What was started is not forgotten.
    void reset(Instant now) { full_at_ = std::min(full_at_, now + interval * burst); }

  private:
    static constexpr Duration interval = Duration(std::chrono::seconds(1)) / per_second;

    Instant full_at_;  ///< when the bucket will be full again
};

}  // namespace xfrmd::ike
