// Numbers that are lent and come back: reqids, interface ids, policy indices.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace xfrmd::ike {

/// Lends the numbers 1 to `highest`, each to one holder at a time. What came back longest ago is
/// lent first, so that a late event about a number's last holder seldom meets the next one.
class NumberPool {
  public:
    explicit NumberPool(std::uint32_t highest) : highest_(highest) {}

    std::optional<std::uint32_t> take() {
        if (fresh_ < highest_) return ++fresh_;
        if (returned_.empty()) return std::nullopt;
        const std::uint32_t number = returned_.front();
        returned_.pop_front();
        return number;
    }

    /// Lends no number up to this one that was not lent before: somebody may have them. But for a
    /// pool that would be half empty then: it begins anew.
    void skip(std::uint32_t number) {
        if (number > fresh_ && number <= highest_ / 2) fresh_ = number;
    }

    void give_back(std::uint32_t number) { returned_.push_back(number); }

  private:
    std::uint32_t highest_;
    std::uint32_t fresh_ = 0;
    std::deque<std::uint32_t> returned_;
};

}  // namespace xfrmd::ike
