// One tunnel between two gateways: up, in use, down.
#include <utility>

#include "sim/scenario.hpp"
#include "support/catch.hpp"
#include "support/world.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::EventKind;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a tunnel comes up: equal keys at both ends, one pair of SAs, packets pass both ways") {
    Pair pair;
    REQUIRE(pair.connect());
    CHECK(pair.west.kernel.sas().size() == 2);
    CHECK(pair.east.kernel.sas().size() == 2);
    CHECK(would_pass(pair.west.kernel, IfId{}, pair.east.kernel, there));
    CHECK(would_pass(pair.east.kernel, IfId{}, pair.west.kernel, back));
    CHECK(pair.west.logged("IKE SA established"));
    CHECK(pair.east.logged("IPsec SA established"));
}

TEST_CASE("a stopping gateway tells the peer, and its kernel is as before") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    CHECK(pair.world.run_until([&] { return pair.west.engine().stopped(); }, seconds(1)));
    CHECK(pair.west.kernel.empty());
    CHECK(pair.east.kernel.holds_only_standing());
    CHECK(pair.east.reasons().back() == Reason::peer_deleted);
}

TEST_CASE("wrong pre-shared key: both ends say so, no kernel is touched") {
    TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.psk = east.psk_remote =
        std::make_shared<const Secret>(as_bytes("something else entirely"));
    Pair pair(spec.phase1(), east);
    CHECK_FALSE(pair.connect());
    CHECK(pair.west.reasons() == std::vector{Reason::authentication_failed_local});
    CHECK(pair.east.reasons() == std::vector{Reason::authentication_failed_remote});
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.east.kernel.holds_only_standing());
}

TEST_CASE("a refusal that is lost is said again: the reason arrives, not a silence") {
    TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.psk = east.psk_remote =
        std::make_shared<const Secret>(as_bytes("something else entirely"));
    Pair pair(spec.phase1(), east);
    int datagrams = 0;
    pair.world.filter = [&](ike::Transmit&) { return ++datagrams != 4; };  // HDR, SK{N} <-- lost
    CHECK_FALSE(pair.connect());
    CHECK(pair.west.reasons() == std::vector{Reason::authentication_failed_local});
    CHECK(pair.east.count_events(EventKind::ike_sa_failed) == 1);
}

TEST_CASE("the answer to a DELETE that is lost is given again, and no longer than for a while") {
    Pair pair;
    REQUIRE(pair.connect());
    bool lose = true;
    pair.world.filter = [&](ike::Transmit& datagram) {
        const bool answer = datagram.local.address == *IpAddress::from_text("192.0.2.2");
        return !(answer && std::exchange(lose, false));
    };
    const std::size_t before = pair.world.traffic.size();
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(20));
    CHECK(pair.world.traffic.size() - before == 4);  // DELETE, lost, DELETE at 3 s, answered
    CHECK(pair.west.engine().established_count() == 0);
}
