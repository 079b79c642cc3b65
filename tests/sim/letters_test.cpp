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

// The peer installs its half when it reads our answer; until then a packet by the new SA would be
// lost there.
TEST_CASE("crossing: both ends' starts come through, and no packet is lost at any step",
          "[proves:both-auto-negotiate]") {
    Pair pair;
    pair.world.hold();
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.east.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    REQUIRE(pair.world.deliver(from(pair.west).request()));
    REQUIRE(pair.world.deliver(from(pair.east).request()));
    REQUIRE(pair.world.deliver(from(pair.west).response()));
    REQUIRE(pair.world.deliver(from(pair.east).response()));
    pair.world.run_for(std::chrono::milliseconds(1));
    // HDR, SK {IDi, AUTH, SAi2, TSi, TSr} of both are on their way.
    REQUIRE(pair.world.deliver(from(pair.west).of(ExchangeType::ike_auth).request()));
    REQUIRE(pair.world.deliver(from(pair.east).of(ExchangeType::ike_auth).response()));
    REQUIRE(passes_both_ways(pair));
    REQUIRE(pair.world.deliver(from(pair.east).of(ExchangeType::ike_auth).request()));
    REQUIRE(pair.west.kernel.sas().size() == 4);
    CHECK(passes_both_ways(pair));

    int lost = 0;
    pair.world.after_each_event = [&] { lost += passes_both_ways(pair) ? 0 : 1; };
    pair.world.release_all();
    pair.world.run_for(seconds(25));
    CHECK(lost == 0);
    CHECK(pair.west.kernel.sas().size() == 2);
    CHECK(pair.east.kernel.sas().size() == 2);
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
