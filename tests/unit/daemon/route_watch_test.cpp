#include "daemon/route_watch.hpp"

#include "support/catch.hpp"

using namespace xfrmd::daemon;

TEST_CASE("route watch: silence is no change") {
    auto watch = RouteWatch::open();
    REQUIRE(watch);
    CHECK(watch->descriptor() >= 0);
    CHECK_FALSE(watch->read());
}
