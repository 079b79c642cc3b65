// Ends that never begin: passive-mode and dial-up servers (fortios.md 5.1, 5.5).
#include <algorithm>

#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;

namespace {

constexpr const char* ignored =
    "ignoring request to establish IPsec SA, gateway is in passive mode";

std::size_t times_told(const Gateway& gateway) {
    return static_cast<std::size_t>(
        std::ranges::count(gateway.events, ignored, &ike::Event::message));
}

void ask(Gateway& gateway, const World& world) {
    gateway.handle(xfrm::Event{acquire(1, 7)}, world.now());
}

}  // namespace

TEST_CASE("passive: traffic starts nothing and is told of once in thirty seconds",
          "[proves:passive-mode]") {
    config::Phase1 west = TunnelSpec{}.phase1();
    west.passive = true;
    west.auto_negotiate = false;
    Pair pair(west, TunnelSpec{}.mirrored().phase1());
    for (int second = 0; second < 60; ++second) {
        ask(pair.west, pair.world);
        pair.world.run_for(seconds(1));
    }
    CHECK(pair.world.traffic.empty());
    CHECK(times_told(pair.west) == 2);
}

TEST_CASE("passive: an operator's up starts nothing and is told so each time") {
    config::Phase1 west = TunnelSpec{}.phase1();
    west.passive = true;
    west.auto_negotiate = false;
    Pair pair(west, TunnelSpec{}.mirrored().phase1());
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(60));
    CHECK(pair.world.traffic.empty());
    CHECK(times_told(pair.west) == 2);
    CHECK(pair.west.reasons() == std::vector(2, Reason::passive_mode));
}

TEST_CASE("passive: what is lost stays down until the peer comes back", "[proves:passive-mode]") {
    const TunnelSpec spec;
    config::Phase1 west = with_phase2s(spec, 2);
    config::Phase1 east = mirrored(west, spec);
    west.passive = true;
    west.auto_negotiate = false;
    Pair pair(west, east);
    pair.east.handle(ike::CommandUp{"tunnel", "tunnel-net"}, pair.world.now());
    pair.world.run_for(seconds(30));
    REQUIRE(pair.west.kernel.count_sas(xfrm::Direction::in) == 1);
    // The IKE SA is there, and not even that is used for the other phase 2.
    const std::size_t sent = pair.world.traffic.size();
    pair.west.handle(xfrm::Event{acquire(2, 7)}, pair.world.now());
    pair.world.run_for(seconds(20));
    CHECK(pair.world.traffic.size() == sent);
    pair.east.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(20));
    CHECK(nothing_is_left(pair));
    pair.east.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.west.kernel.count_sas(xfrm::Direction::in) == 2);
}

TEST_CASE("passive: a dial-up server never calls", "[proves:dynamic]") {
    config::Phase1 west = TunnelSpec{}.phase1();
    west.type = config::GatewayType::dynamic;
    west.remote_gateway.reset();
    Pair pair(west, TunnelSpec{}.mirrored().phase1());
    ask(pair.west, pair.world);
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(10));
    CHECK(pair.world.traffic.empty());
    pair.east.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(10));
    CHECK(passes_both_ways(pair));
}
