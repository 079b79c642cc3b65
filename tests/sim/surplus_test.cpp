// Both ends at once, and one IKE SA and one Child SA in the end, without loss.
#include <algorithm>

#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;

namespace {

void start_both(Pair& pair, Duration delay) {
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(delay);
    pair.east.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
}

void check_converged(Pair& pair, std::size_t phase2s) {
    for (Gateway* gateway : {&pair.west, &pair.east}) {
        CHECK(gateway->engine().established_count() == 1);
        CHECK(gateway->engine().half_open_count() == 0);
        CHECK(gateway->kernel.count_sas(xfrm::Direction::in) == phase2s);
        CHECK(gateway->kernel.count_sas(xfrm::Direction::out) == phase2s);
    }
}

}  // namespace

TEST_CASE("surplus: both ends start, whatever the distance: one IKE SA, one Child SA, no loss") {
    for (int delay = 0; delay <= 60; delay += 4) {
        INFO("east starts " << delay << " ms after west");
        TunnelSpec spec;
        Pair pair(spec.phase1(), spec.mirrored().phase1(), static_cast<std::uint64_t>(delay + 1));
        start_both(pair, milliseconds(delay));
        pair.world.run_for(milliseconds(500));
        Ping& out = pair.world.ping(pair.west, pair.east, there, milliseconds(20));
        Ping& in = pair.world.ping(pair.east, pair.west, back, milliseconds(20));
        // What an attempt that was dropped left at the other end is over by then.
        pair.world.run_for(seconds(31));
        check_converged(pair, 1);
        INFO(out.summary() << "; " << in.summary());
        CHECK(out.delivered == out.sent);
        CHECK(in.delivered == in.sent);
    }
}

TEST_CASE("surplus: both ends want several phase 2s: each is there once",
          "[proves:both-auto-negotiate]") {
    for (int delay : {0, 10, 25}) {
        INFO("east starts " << delay << " ms after west");
        TunnelSpec spec;
        spec.auto_negotiate = true;
        const config::Phase1 west = with_phase2s(spec, 3);
        World world(static_cast<std::uint64_t>(delay + 1));
        Gateway& a = world.add("west", spec.local);
        Gateway& b = world.add("east", spec.remote);
        a.configure({west}, world.now());
        world.run_for(milliseconds(delay));
        b.configure({mirrored(west, spec)}, world.now());
        world.run_for(seconds(40));
        for (Gateway* gateway : {&a, &b}) {
            CHECK(gateway->engine().established_count() == 1);
            CHECK(gateway->kernel.count_sas(xfrm::Direction::in) == 3);
        }
        const std::size_t sent = world.traffic.size();
        world.run_for(seconds(600));
        CHECK(world.traffic.size() == sent);
    }
}

// fortios.md 5.3: "if its IKE_AUTH already satisfied the phase2, drop our own half-open attempt"
TEST_CASE("surplus: an attempt of ours that was slower than the peer's is dropped quietly") {
    Pair pair;
    // East never hears west's first message, west hears all of east's.
    pair.world.filter = [](ike::Transmit& datagram) {
        return datagram.local.address != address("192.0.2.1") ||
               !is(datagram, ExchangeType::ike_sa_init, false);
    };
    start_both(pair, milliseconds(5));
    pair.world.run_for(seconds(1));
    check_converged(pair, 1);
    const auto dropped = std::ranges::find(pair.west.events, Reason::duplicate, [](const auto& e) {
        return e.reason.value_or(Reason{});
    });
    REQUIRE(dropped != pair.west.events.end());
    CHECK(dropped->severity == ike::Severity::info);
}

TEST_CASE("surplus: both ends ask for the same Child SA in one IKE SA: one stays") {
    const TunnelSpec spec;
    const config::Phase1 west = with_phase2s(spec, 2);
    Pair pair(west, mirrored(west, spec));
    pair.west.handle(ike::CommandUp{"tunnel", "tunnel-net"}, pair.world.now());
    pair.world.run_for(seconds(1));
    pair.west.handle(ike::CommandUp{"tunnel", "tunnel-net-1"}, pair.world.now());
    pair.east.handle(ike::CommandUp{"tunnel", "tunnel-net-1"}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.west.kernel.count_sas(xfrm::Direction::in) == 3);
    const Packet packet{*IpAddress::from_text("10.1.1.5"), *IpAddress::from_text("10.2.1.9")};
    Ping& ping = pair.world.ping(pair.west, pair.east, packet, milliseconds(20));
    pair.world.run_for(seconds(20));
    check_converged(pair, 2);
    INFO(ping.summary());
    CHECK(ping.delivered == ping.sent);
}
