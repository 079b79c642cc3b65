// The time of a world, for people.
#pragma once

#include <fmt/format.h>

#include <string>

#include "base/time.hpp"

namespace xfrmd::test {

/// When every world begins: not at zero, where a forgotten time would look right.
inline constexpr Instant world_start{std::chrono::hours(1)};

/// "12.034 s", counted from the beginning of the world.
inline std::string clock_text(Instant at) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(at - world_start);
    return fmt::format("{}.{:03} s", since.count() / 1000, since.count() % 1000);
}

}  // namespace xfrmd::test
