// How tunnels end: DELETE from either side, from both at once, and a silent peer at the end
// (RFC 7296 section 1.4.1).
#include <algorithm>

#include "ike/timers.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;

namespace {

/// The kernel reports that a gateway's inbound SA has used up its octets.
void expire_child(Pair& pair, Gateway& gateway) {
    const auto inbound = std::ranges::find_if(gateway.kernel.sas(), [](const auto& entry) {
        return entry.second.install.direction == xfrm::Direction::in;
    });
    REQUIRE(inbound != gateway.kernel.sas().end());
    const auto expire = gateway.kernel.expire(inbound->first, true);
    REQUIRE(expire);
    gateway.handle(xfrm::Event{*expire}, pair.world.now());
}

OpenedMessage opened(const Pair& pair, std::size_t index) {
    return Wiretap(pair.world.library(), pair.west.key_logs[0])
        .open(pair.world.traffic.at(index).datagram.octets);
}

}  // namespace

// HDR, SK {D}  -->    <--  HDR, SK {}
TEST_CASE("deletion: the IKE SA, by either end") {
    for (const bool by_west : {true, false}) {
        INFO((by_west ? "west" : "east"));
        Pair pair;
        REQUIRE(pair.connect());
        Gateway& active = by_west ? pair.west : pair.east;
        Gateway& passive = by_west ? pair.east : pair.west;
        active.handle(ike::CommandDown{"tunnel"}, pair.world.now());
        CHECK(active.kernel.holds_only_standing());
        pair.world.run_for(seconds(1));
        REQUIRE(pair.world.traffic.size() == 6);
        const auto request = opened(pair, 4);
        REQUIRE(request.payloads.deletes.size() == 1);
        CHECK(request.payloads.deletes[0].protocol == wire::ProtocolId::ike);
        CHECK(request.payloads.deletes[0].spis.empty());
        const auto response = opened(pair, 5);
        CHECK(response.header.response);
        CHECK(response.chain.empty());
        CHECK(active.reasons().back() == Reason::stopped);
        CHECK(passive.reasons().back() == Reason::peer_deleted);
        CHECK(nothing_is_left(pair));
    }
}

TEST_CASE("deletion: the IKE SA, by both ends at once") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.east.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(nothing_is_left(pair));
    CHECK(departures(pair.world, ExchangeType::informational, false).size() == 2);
}

// HDR, SK {D}  -->    <--  HDR, SK {D}: "the response ... will contain Delete payloads for the
// paired SAs going in the other direction".
TEST_CASE("deletion: a child, by either end; the IKE SA stays") {
    for (const bool by_west : {true, false}) {
        INFO((by_west ? "west" : "east"));
        Pair pair;
        REQUIRE(pair.connect());
        Gateway& active = by_west ? pair.west : pair.east;
        Gateway& passive = by_west ? pair.east : pair.west;
        std::vector<EspSpi> inbound;
        for (const Gateway* gateway : {&active, &passive})
            for (const auto& [id, sa] : gateway->kernel.sas())
                if (sa.install.direction == xfrm::Direction::in) inbound.push_back(id.spi);
        expire_child(pair, active);
        pair.world.run_for(seconds(1));
        REQUIRE(pair.world.traffic.size() == 6);
        const auto request = opened(pair, 4);
        REQUIRE(request.payloads.deletes.size() == 1);
        CHECK(request.payloads.deletes[0].protocol == wire::ProtocolId::esp);
        CHECK(request.payloads.deletes[0].spis == std::vector{inbound[0]});
        const auto response = opened(pair, 5);
        REQUIRE(response.payloads.deletes.size() == 1);
        CHECK(response.payloads.deletes[0].spis == std::vector{inbound[1]});
        CHECK(pair.west.kernel.holds_only_standing());
        CHECK(pair.east.kernel.holds_only_standing());
        CHECK(pair.west.engine().established_count() == 1);
        CHECK(pair.east.engine().established_count() == 1);
        CHECK(active.reasons().back() == Reason::lifetime_expired);
        CHECK(passive.reasons().back() == Reason::peer_deleted);
        CHECK(pair.connect());
    }
}

// "if ... both ends ... close the same SA at the same time ... the delete payload ... MUST NOT be
// included" in the response.
TEST_CASE("deletion: a child, by both ends at once") {
    Pair pair;
    REQUIRE(pair.connect());
    expire_child(pair, pair.west);
    expire_child(pair, pair.east);
    pair.world.run_for(seconds(1));
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.east.kernel.holds_only_standing());
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(pair.east.engine().established_count() == 1);
    REQUIRE(pair.world.traffic.size() == 8);
    for (std::size_t i = 4; i < 8; ++i) {
        const auto message = opened(pair, i);
        CHECK(message.payloads.deletes.size() == (message.header.response ? 0 : 1));
    }
}

TEST_CASE("deletion: a child that is not there is no error") {
    Pair pair;
    REQUIRE(pair.connect());
    Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    give(pair, pair.east,
         tap.seal(tap.request(ExchangeType::informational, 2, true), [](wire::ChainWriter& chain) {
             chain.add(wire::DeletePayload{wire::ProtocolId::esp, {EspSpi(1), EspSpi(0x12345678)}});
         }));
    const auto sent = take_sent(pair.east);
    REQUIRE(sent.size() == 1);
    CHECK(tap.open(sent[0]).chain.empty());
    CHECK(passes_both_ways(pair));
}

TEST_CASE("deletion: the IKE SA while a child's DELETE is still unanswered") {
    Pair pair;
    REQUIRE(pair.connect());
    expire_child(pair, pair.west);
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    CHECK(pair.west.sent.size() == 1);
    pair.world.run_for(seconds(1));
    CHECK(departures(pair.world, ExchangeType::informational, false).size() == 2);
    CHECK(nothing_is_left(pair));
}

TEST_CASE("deletion: down twice sends one DELETE") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(departures(pair.world, ExchangeType::informational, false).size() == 1);
    CHECK(nothing_is_left(pair));
}

TEST_CASE("deletion: keylife of phase 2 ends the child at both ends") {
    TunnelSpec spec;
    config::Phase1 west = spec.phase1();
    west.phase2s[0].keylife = seconds(200);
    Pair pair(west, spec.mirrored().phase1());
    REQUIRE(pair.connect());
    pair.world.run_for(seconds(199));
    CHECK(passes_both_ways(pair));
    pair.world.run_for(seconds(2));
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.east.kernel.holds_only_standing());
    CHECK(pair.west.reasons() == std::vector{Reason::lifetime_expired});
}

TEST_CASE("deletion: keylife of phase 1 ends everything at both ends") {
    TunnelSpec spec;
    config::Phase1 west = spec.phase1();
    west.keylife = seconds(200);
    west.rekey = false;
    Pair pair(west, spec.mirrored().phase1());
    REQUIRE(pair.connect());
    pair.world.run_for(seconds(202));
    REQUIRE(nothing_is_left(pair));
    CHECK(pair.west.reasons().back() == Reason::lifetime_expired);
    CHECK(pair.east.reasons().back() == Reason::peer_deleted);
}

TEST_CASE("deletion: a DELETE that nobody answers is no loss of a peer that is there") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.world.run_for(seconds(1));
    pair.west.handle(ike::CommandRekey{"tunnel", ""}, pair.world.now());
    // The successor goes on; of the old one's end no word gets through.
    pair.world.filter = [](ike::Transmit& datagram) {
        return header_of(datagram).exchange != ExchangeType::informational;
    };
    pair.world.run_for(seconds(95));
    CHECK(pair.west.logged("has not confirmed the end"));
    CHECK_FALSE(pair.west.logged("retransmission timeout"));
    CHECK_FALSE(pair.west.logged("flushed"));
    CHECK_FALSE(pair.west.engine().tunnel("tunnel")->trouble);
    CHECK_FALSE(pair.west.engine().tally().failures.contains(Reason::peer_silent));
    CHECK(pair.west.engine().established_count() == 1);
    pair.world.filter = nullptr;
    CHECK(passes_both_ways(pair));
}

TEST_CASE(
    "deletion: a stop with a silent peer ends within its grace, the kernel is clean at once") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.world.filter = [](ike::Transmit&) { return false; };
    const Instant start = pair.world.now().boottime;
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    CHECK(pair.west.kernel.empty());
    CHECK_FALSE(pair.west.engine().stopped());
    CHECK(pair.world.run_until([&] { return pair.west.engine().stopped(); }));
    CHECK(pair.world.now().boottime == start + ike::stop_grace);
    CHECK(departures(pair.world, ExchangeType::informational, false) ==
          std::vector<Duration>{seconds(0), seconds(3)});
}

TEST_CASE("deletion: a stop that loses any one datagram still ends with both sides clean") {
    for (std::size_t lost = 0; lost < 2; ++lost) {
        INFO("lost: " << lost);
        Pair pair;
        REQUIRE(pair.connect());
        std::size_t count = 0;
        pair.world.filter = [&](ike::Transmit&) { return count++ != lost; };
        pair.west.handle(ike::CommandStop{}, pair.world.now());
        CHECK(pair.world.run_until([&] { return pair.west.engine().stopped(); }, ike::stop_grace));
        pair.world.run_for(seconds(100));
        CHECK(pair.west.kernel.empty());
        CHECK(pair.east.kernel.holds_only_standing());
    }
}

TEST_CASE("deletion: a stop during any step of a handshake leaves no kernel state here") {
    for (int steps = 0; steps < 4; ++steps) {
        for (const bool west_stops : {true, false}) {
            INFO("after " << steps << " datagrams, " << (west_stops ? "west" : "east"));
            Pair pair;
            pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
            for (int i = 0; i < steps; ++i)
                pair.world.step();
            Gateway& stopping = west_stops ? pair.west : pair.east;
            stopping.handle(ike::CommandStop{}, pair.world.now());
            CHECK(
                pair.world.run_until([&] { return stopping.engine().stopped(); }, ike::stop_grace));
            CHECK(stopping.kernel.empty());
            pair.world.run_for(seconds(1));
            CHECK(stopping.kernel.empty());
            CHECK(stopping.engine().half_open_count() == 0);
        }
    }
}

TEST_CASE("deletion: a stopping gateway answers no calls") {
    Pair pair;
    pair.east.handle(ike::CommandStop{}, pair.world.now());
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.world.traffic.size() == 1);
    CHECK(pair.east.engine().stopped());
}

TEST_CASE("deletion: a route-based tunnel's interface stays while it is down, and after a stop") {
    TunnelSpec spec;
    spec.route_based = true;
    Pair pair(spec);
    CHECK(pair.west.kernel.interfaces().contains("tunnel"));
    REQUIRE(pair.connect());
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.west.kernel.interfaces().contains("tunnel"));
    CHECK(pair.west.kernel.sas().empty());
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    CHECK(pair.west.kernel.sas().empty());
    CHECK(pair.west.kernel.policies().empty());
    CHECK(pair.west.kernel.interfaces().contains("tunnel"));
    CHECK(pair.west.engine().stopped());
}

TEST_CASE(
    "deletion: the next start takes the interface over, whatever device is under it by then") {
    TunnelSpec spec;
    spec.route_based = true;
    Pair pair(spec);
    REQUIRE(pair.connect());
    // Its routes are on it: they go with it for good.
    bool was_missing = false;
    pair.west.kernel.after_each_operation = [&] {
        was_missing = was_missing || !pair.west.kernel.interfaces().contains("tunnel");
    };
    const xfrm::CreateInterface before = pair.west.kernel.interfaces().at("tunnel");
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    pair.world.run_for(seconds(1));
    REQUIRE(pair.west.engine().stopped());
    pair.west.crash();
    pair.west.start(pair.world.now());
    CHECK(pair.west.kernel.interfaces().at("tunnel").if_id == before.if_id);
    CHECK(pair.connect());

    pair.west.handle(ike::CommandStop{}, pair.world.now());
    pair.world.run_for(seconds(1));
    pair.west.crash();
    pair.west.learn({{"eth1", 2, 1500, true, {}}, {"eth0", 9, 1400, true, {pair.west.address}}});
    pair.west.start(pair.world.now());
    CHECK(pair.west.kernel.interfaces().at("tunnel").underlay_index == 9);
    CHECK(pair.west.kernel.interfaces().at("tunnel").mtu < before.mtu);
    CHECK(pair.connect());
    CHECK_FALSE(was_missing);
}

TEST_CASE("deletion: another configuration takes the place of the first one's tunnels") {
    Pair pair;
    REQUIRE(pair.connect());
    TunnelSpec other;
    other.name = "other";
    pair.west.configure({other.phase1()}, pair.world.now());
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.west.kernel.policies().size() == 3);
    pair.world.run_for(seconds(1));
    CHECK(pair.east.reasons().back() == Reason::peer_deleted);
    CHECK(nothing_is_left(pair));
    pair.west.handle(ike::CommandUp{"other", ""}, pair.world.now());
    CHECK(pair.world.run_until([&] { return pair.is_up(); }));
}
