#include "daemon/system_random.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

TEST_CASE("system random: fills any length, and never twice the same") {
    SystemRandom random;
    Bytes first(1000), second(1000);
    random.fill(first);
    random.fill(second);
    CHECK(first != second);
    CHECK(std::ranges::count(first, 0) < 100);
    random.fill({});
    CHECK(random.number<std::uint64_t>() != random.number<std::uint64_t>());
}
