// Both ends at once, and peers that forgot (RFC 7296 sections 2.4 and 2.8).
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Both start, east `delay` after west; then there is time for retransmissions.
void start_both_and_wait(Pair& pair, Duration delay) {
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(delay);
    pair.east.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(25));
}

void stop_both(Pair& pair) {
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    pair.east.handle(ike::CommandStop{}, pair.world.now());
    pair.world.run_for(seconds(5));
}

}  // namespace

TEST_CASE("simultaneous: both ends start, whatever the distance, and traffic passes both ways") {
    for (int delay = 0; delay <= 60; delay += 5) {
        INFO("east starts " << delay << " ms after west");
        TunnelSpec spec;
        Pair pair(spec.phase1(), spec.mirrored().phase1(), static_cast<std::uint64_t>(delay + 1));
        start_both_and_wait(pair, milliseconds(delay));
        CHECK(passes_both_ways(pair));
        stop_both(pair);
        CHECK(pair.west.engine().stopped());
        CHECK(pair.east.engine().stopped());
        CHECK(pair.west.kernel.empty());
        CHECK(pair.east.kernel.empty());
    }
}

TEST_CASE("simultaneous: both ends start and any one datagram is lost") {
    for (int delay : {0, 5, 15, 25}) {
        for (std::size_t lost = 0; lost < 8; ++lost) {
            INFO("east starts " << delay << " ms after west, lost is datagram " << lost);
            Pair pair;
            std::size_t count = 0;
            pair.world.filter = [&](ike::Transmit&) { return count++ != lost; };
            start_both_and_wait(pair, milliseconds(delay));
            CHECK(passes_both_ways(pair));
            stop_both(pair);
            CHECK(pair.west.kernel.empty());
            CHECK(pair.east.kernel.empty());
        }
    }
}

TEST_CASE("simultaneous: both want to be up by themselves and stay so") {
    TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    spec.auto_negotiate = true;
    east.phase2s[0].auto_negotiate = true;
    Pair pair(spec.phase1(), east);
    pair.world.run_for(seconds(1));
    CHECK(passes_both_ways(pair));
    pair.world.run_for(seconds(39));
    const std::size_t sent = pair.world.traffic.size();
    pair.world.run_for(seconds(600));
    CHECK(passes_both_ways(pair));
    CHECK(pair.world.traffic.size() == sent);
}

TEST_CASE("simultaneous: one ends its tunnel and both want it back: it comes back",
          "[proves:auto-negotiate]") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Pair pair(spec);
    pair.world.run_for(seconds(1));
    REQUIRE(pair.is_up());
    pair.east.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.world.run_until([&] { return pair.is_up(); }, seconds(5)));
}

TEST_CASE("simultaneous: a tunnel that an operator took down stays down until told otherwise") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Pair pair(spec);
    pair.world.run_for(seconds(1));
    REQUIRE(pair.is_up());
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(600));
    CHECK(nothing_is_left(pair));
    CHECK(pair.connect());
}

// "INITIAL_CONTACT ... asserts that this IKE SA is the only IKE SA currently active between the
//  authenticated identities ... the recipient ... MAY ... delete any other IKE SAs" (section 2.4).
TEST_CASE("simultaneous: a peer that restarted takes the place of what it forgot") {
    Pair pair;
    REQUIRE(pair.connect());
    std::vector<EspSpi> old;
    for (const auto& [id, sa] : pair.east.kernel.sas())
        old.push_back(id.spi);

    Gateway& reborn = pair.world.add("west again", "192.0.2.1");
    reborn.configure({TunnelSpec{}.phase1()}, pair.world.now());
    reborn.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(2));
    CHECK(pair.east.engine().established_count() == 1);
    CHECK(pair.east.kernel.sas().size() == 2);
    CHECK(pair.east.kernel.policies().size() == 3);
    for (EspSpi spi : old)
        CHECK(pair.east.kernel.find(spi, xfrm::Direction::in) == nullptr);
    CHECK(pair.east.logged("INITIAL_CONTACT"));
    CHECK(would_pass(reborn.kernel, IfId{}, pair.east.kernel, there));
    CHECK(would_pass(pair.east.kernel, IfId{}, reborn.kernel, back));
}

TEST_CASE("simultaneous: INITIAL_CONTACT with a wrong key replaces nothing") {
    Pair pair;
    REQUIRE(pair.connect());
    TunnelSpec spec;
    spec.psk = "somebody else's";
    Gateway& stranger = pair.world.add("stranger", "192.0.2.1");
    stranger.configure({spec.phase1()}, pair.world.now());
    stranger.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(2));
    CHECK(pair.east.reasons() == std::vector{Reason::authentication_failed_remote});
    CHECK(passes_both_ways(pair));
    CHECK(pair.east.engine().established_count() == 1);
}

TEST_CASE("simultaneous: strangers' failing calls do not keep a tunnel from trying again") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    spec.psk = "ours";
    Pair pair(spec);
    pair.world.filter = [](ike::Transmit& datagram) {
        return datagram.local.address != *IpAddress::from_text("192.0.2.1");
    };
    pair.world.run_for(seconds(30));
    REQUIRE(pair.west.reasons() == std::vector{Reason::negotiation_timeout});
    const std::size_t tries = departures(pair.world, wire::ExchangeType::ike_sa_init, false).size();
    // East's address, another key: each call fails at IKE_AUTH, one every two seconds.
    pair.world.filter = nullptr;
    TunnelSpec wrong = spec.mirrored();
    wrong.psk = "theirs";
    pair.east.configure({wrong.phase1()}, pair.world.now());
    const auto own_tries = [&] {
        std::size_t count = 0;
        for (const Flight& flight : pair.world.traffic)
            if (is(flight.datagram, wire::ExchangeType::ike_sa_init, false) &&
                flight.datagram.local.address == *IpAddress::from_text("192.0.2.1"))
                ++count;
        return count;
    };
    for (int i = 0; i < 10; ++i) {
        pair.east.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
        pair.world.run_for(seconds(2));
    }
    CHECK(own_tries() > tries);
}
