// Exchanges of both ends that cross, datagram by datagram.
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using wire::ExchangeType;

TEST_CASE("crossing: both ends' first messages, and the late answer makes a second pair") {
    Pair pair;
    pair.world.hold();
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.east.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    REQUIRE(pair.world.in_flight().size() == 2);
    CHECK(pair.world.in_flight()[0].summary().starts_with("west -> east: IKE_SA_INIT request 0"));
    CHECK(pair.world.in_flight()[1].summary().starts_with("east -> west: IKE_SA_INIT request 0"));

    REQUIRE(pair.world.deliver(from(pair.west).request()));
    REQUIRE(pair.world.deliver(from(pair.east).response()));
    REQUIRE(pair.world.deliver(from(pair.west).of(ExchangeType::ike_auth)));
    REQUIRE(pair.world.deliver(from(pair.east).of(ExchangeType::ike_auth)));
    CHECK(passes_both_ways(pair));
    CHECK(pair.world.in_flight().size() == 1);

    pair.world.release_all();
    pair.world.run_for(seconds(25));
    CHECK(passes_both_ways(pair));
}

TEST_CASE("crossing: both ends delete the IKE SA at once, and one DELETE is lost") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.world.hold();
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.east.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    REQUIRE(pair.world.deliver(from(pair.west).of(ExchangeType::informational).request()));
    REQUIRE(pair.world.drop(from(pair.east).of(ExchangeType::informational).request()));
    CHECK_FALSE(pair.world.drop(from(pair.east).request()));
    INFO(pair.world.in_flight_text());
    REQUIRE(pair.world.deliver(from(pair.east).response().nth(1)));
    CHECK_FALSE(pair.world.deliver(Pick()));
    pair.world.release_all();
    pair.world.run_for(seconds(94));
    CHECK(nothing_is_left(pair));
}
