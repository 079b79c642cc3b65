// A ceiling on lines a second, for those that somebody else can cause at will.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "base/time.hpp"

namespace xfrmd::daemon {

class LineLimit {
  public:
    explicit LineLimit(std::uint32_t lines_per_second) : limit_(lines_per_second) {}

    /// True if the line may be written; otherwise it is counted.
    bool admit(Instant now) {
        if (is_window_over(now)) {
            window_start_ = now;
            admitted_ = 0;
        }
        if (admitted_ < limit_) return ++admitted_, true;
        return ++suppressed_, false;
    }

    /// How many lines were suppressed, told once and not before their second is over.
    std::uint64_t take_suppressed(Instant now) {
        if (suppressed_ == 0 || !is_window_over(now)) return 0;
        return std::exchange(suppressed_, 0);
    }

    /// Nothing is to be remembered of it.
    bool is_idle(Instant now) const { return suppressed_ == 0 && is_window_over(now); }

  private:
    bool is_window_over(Instant now) const {
        return now - window_start_ >= std::chrono::seconds(1);
    }

    std::uint32_t limit_;
    Instant window_start_{};
    std::uint32_t admitted_ = 0;
    std::uint64_t suppressed_ = 0;
};

}  // namespace xfrmd::daemon
