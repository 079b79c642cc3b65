#include "ike/peer_limits.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using std::chrono::seconds;

TEST_CASE("C18 peer limits: a burst, then one in each interval") {
    constexpr Allowance allowance{3, seconds(2)};
    UseOf use;
    Instant now{seconds(100)};
    for (int i = 0; i < 3; ++i)
        CHECK(use.try_take(allowance, now));
    CHECK_FALSE(use.try_take(allowance, now));
    CHECK(use.is_spent(allowance, now + seconds(1)));
    CHECK(use.try_take(allowance, now + seconds(2)));
    CHECK_FALSE(use.try_take(allowance, now + seconds(3)));
    // After a rest all of the burst is there again, and no more.
    now += seconds(1000);
    for (int i = 0; i < 3; ++i)
        CHECK(use.try_take(allowance, now));
    CHECK(use.is_spent(allowance, now));
}

TEST_CASE("C18 peer limits: Child SAs for each phase 2 and its successor, and some more") {
    config::Phase1 phase1;
    CHECK(most_children(phase1) == 64);
    phase1.phase2s.resize(100);
    CHECK(most_children(phase1) == 264);
}
