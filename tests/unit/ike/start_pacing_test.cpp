#include "ike/start_pacing.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Instant boot{std::chrono::hours(1)};

}  // namespace

TEST_CASE("start pacing: ten thousand are spread over fifty seconds") {
    StartPacing pacing;
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        const Duration wait = pacing.reserve(boot) - boot;
        const std::uint32_t later = i < StartPacing::burst ? 0 : i - StartPacing::burst + 1;
        CHECK(wait == later * milliseconds(5));
    }
}

TEST_CASE("start pacing: the burst comes back with time") {
    StartPacing pacing;
    for (std::uint32_t i = 0; i < StartPacing::burst; ++i)
        pacing.reserve(boot);
    CHECK(pacing.reserve(boot) == boot + milliseconds(5));
    const Instant later = boot + seconds(10);
    for (std::uint32_t i = 0; i < StartPacing::burst; ++i)
        CHECK(pacing.reserve(later) == later);
    CHECK(pacing.reserve(later) > later);
}

TEST_CASE("start pacing: after a reset nobody waits for times that others had") {
    StartPacing pacing;
    for (int i = 0; i < 10'000; ++i)
        pacing.reserve(boot);
    const Instant now = boot + seconds(1);
    pacing.reset(now);
    CHECK(pacing.reserve(now) == now + milliseconds(5));
}
