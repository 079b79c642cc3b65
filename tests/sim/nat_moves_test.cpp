// A NAT forgets its flows, or comes back with another address, while a tunnel goes through it.
#include <algorithm>
#include <cerrno>

#include "sim/nat_pair.hpp"
#include "support/catch.hpp"
#include "support/invariants.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;

namespace {

Endpoint seen_by_east(const NatPair& pair) {
    return NatPair::ike_sa(pair.east).remote;
}

/// The last request of west's, as east's network sees it.
ike::Transmit last_request_of_west(NatPair& pair) {
    for (auto flight = pair.world.traffic.rbegin(); flight != pair.world.traffic.rend(); ++flight)
        if (flight->datagram.local.address == pair.west.address &&
            !header_of(flight->datagram).response && flight->datagram.octets.size() > 1)
            return flight->datagram;
    return {};
}

void give_east(NatPair& pair, const Endpoint& from, Bytes octets) {
    pair.east.handle(ike::DatagramReceived{{pair.east.address, 4500}, from, std::move(octets)},
                     pair.world.now());
}

}  // namespace

TEST_CASE("NAT move: traffic goes on with a new port, for ESP tells of it") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    const Endpoint before = seen_by_east(pair);
    const auto spis = pair.east.kernel.sas().size();
    pair.west_nat->restart();
    // What the peer sends gets lost until it hears from us.
    CHECK(pair.world.send(pair.east, pair.west, back) == PacketFate::astray);
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
    CHECK(pair.carries());
    CHECK(seen_by_east(pair).address == before.address);
    CHECK(seen_by_east(pair).port != before.port);
    CHECK(pair.east.kernel.sas().size() == spis);
    CHECK(pair.east.logged("the peer's NAT has moved it"));
    // IKE follows: what east asks now arrives.
    pair.rekey_child(pair.east);
    pair.world.run_for(seconds(10));
    CHECK(pair.carries());
    CHECK(to_text(check_quiet(pair.world)) == "");
}

// Without a replay window an old packet is as good as a new one, wherever it comes from.
TEST_CASE("C13 NAT move: ESP tells of nothing where replays are not noticed") {
    for (bool replay : {true, false}) {
        NatPair pair({.west = true}, {},
                     [replay](config::Phase1& phase1) { phase1.phase2s[0].replay = replay; });
        REQUIRE(pair.connect());
        const Endpoint before = seen_by_east(pair);
        const EspSpi spi = NatPair::ike_sa(pair.east).children.at(0).spi_in;
        const Endpoint elsewhere{before.address, 31337};
        pair.east.handle(xfrm::Event{xfrm::Mapping{pair.east.address, spi, before, elsewhere}},
                         pair.world.now());
        CHECK((seen_by_east(pair) == elsewhere) == replay);
    }
}

TEST_CASE("NAT move: an authentic IKE request tells of it as well") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    const Endpoint before = seen_by_east(pair);
    pair.west_nat->restart();
    pair.west.handle(ike::CommandRekey{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(10));
    CHECK(seen_by_east(pair).port != before.port);
    CHECK(pair.world.send(pair.east, pair.west, back) == PacketFate::delivered);
}

TEST_CASE("NAT move: an answer of the peer's tells of it") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    pair.world.hold(pair.east);
    pair.rekey_child(pair.east);
    const Bytes request = pair.world.in_flight().front().datagram.octets;
    pair.west_nat->restart();
    // The request had arrived just before.
    pair.west.handle(
        ike::DatagramReceived{{pair.west.address, 4500}, {pair.east.address, 4500}, request},
        pair.world.now());
    const Endpoint before = seen_by_east(pair);
    pair.world.run_for(seconds(1));
    CHECK(seen_by_east(pair).port != before.port);
    CHECK(pair.world.send(pair.east, pair.west, back) == PacketFate::delivered);
}

TEST_CASE("NAT move: a peer that may be anywhere is followed to another address") {
    NatPair pair({.west = true}, {}, make_dial_up);
    REQUIRE(pair.connect());
    pair.west_nat->restart(address("198.51.100.9"));
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
    pair.world.run_for(seconds(1));
    CHECK(pair.carries());
    CHECK(seen_by_east(pair).address == address("198.51.100.9"));
    CHECK(pair.east.left_in_clear.empty());
    pair.world.run_for(seconds(120));
    CHECK(pair.carries());
    for (const auto& [id, sa] : pair.east.kernel.sas())
        CHECK((sa.install.direction == xfrm::Direction::in
                   ? sa.install.source
                   : sa.install.destination) == address("198.51.100.9"));
    CHECK(to_text(check_quiet(pair.world)) == "");
}

TEST_CASE("C13: a peer with a configured address keeps it, its port alone may change") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    const Endpoint before = seen_by_east(pair);
    pair.west_nat->restart(address("198.51.100.9"));
    pair.world.send(pair.west, pair.east, there);
    CHECK(seen_by_east(pair) == before);
}

TEST_CASE("C13: who is behind a NAT follows nobody") {
    NatPair pair({.west = true, .east = true});
    REQUIRE(pair.connect());
    const Endpoint before = seen_by_east(pair);
    pair.west_nat->restart();
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
    CHECK(seen_by_east(pair) == before);
}

TEST_CASE("C13: a peer without a NAT is not followed") {
    NatPair pair({});
    REQUIRE(pair.connect());
    const Endpoint before = seen_by_east(pair);
    pair.world.hold(pair.west);
    pair.rekey_child(pair.west);
    const Bytes request = pair.world.in_flight().front().datagram.octets;
    pair.east.handle(
        ike::DatagramReceived{{pair.east.address, 500}, {address("192.0.2.77"), 500}, request},
        pair.world.now());
    CHECK(seen_by_east(pair) == before);
}

TEST_CASE("C13: what is not authentic moves nothing") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    const Endpoint before = seen_by_east(pair);
    pair.world.hold(pair.west);
    pair.rekey_child(pair.west);
    Bytes request = pair.world.in_flight().front().datagram.octets;
    request.back() ^= 1;
    give_east(pair, {before.address, 9999}, request);
    CHECK(seen_by_east(pair) == before);
    CHECK(pair.east.sent.empty());
}

TEST_CASE("C13: what is authentic but old moves nothing") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    pair.rekey_child(pair.west);
    pair.world.run_for(seconds(10));
    const Bytes old = last_request_of_west(pair).octets;
    const Endpoint before = seen_by_east(pair);
    // The last request once more is answered, where it came from.
    give_east(pair, {before.address, 9999}, old);
    CHECK(seen_by_east(pair) == before);
    pair.rekey_child(pair.west);
    pair.world.run_for(seconds(10));
    // And by now it is none of the window's.
    pair.east.sent.clear();
    give_east(pair, {before.address, 9999}, old);
    CHECK(seen_by_east(pair) == before);
    CHECK(pair.east.sent.empty());
}

TEST_CASE("C13: a peer that seems to be in two places costs little") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    pair.world.run_for(seconds(10));
    const HeldSa* in = pair.east.kernel.find(NatPair::ike_sa(pair.east).children.front().spi_in,
                                             xfrm::Direction::in);
    REQUIRE(in != nullptr);
    const Endpoint known = seen_by_east(pair);
    const auto told = pair.east.count_events(ike::EventKind::peer_moved);
    for (std::uint16_t i = 0; i < 100; ++i) {
        const auto port = static_cast<std::uint16_t>(30000 + i);
        pair.east.handle(xfrm::Event{xfrm::Mapping{
                             pair.east.address, in->install.spi, known, {known.address, port}}},
                         pair.world.now());
        pair.world.run_for(std::chrono::milliseconds(100));
    }
    // Ten seconds, a move in two.
    CHECK(pair.east.count_events(ike::EventKind::peer_moved) - told <= 6);
    pair.world.run_for(seconds(3));
    CHECK(pair.carries());
}

TEST_CASE("NAT move: a kernel that refuses other ports makes a successor") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    pair.world.run_for(seconds(10));
    pair.west_nat->restart();
    pair.east.kernel.refuse(0, EINVAL, "no");
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
    pair.world.run_for(seconds(10));
    CHECK(pair.carries());
    CHECK(pair.east.logged("refuses to change the ports"));
}

TEST_CASE("NAT move: events about SAs that nobody has are nothing") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    const Endpoint before = seen_by_east(pair);
    pair.east.handle(xfrm::Event{xfrm::Mapping{
                         pair.east.address, EspSpi(0xdeadbeef), before, {before.address, 9999}}},
                     pair.world.now());
    CHECK(seen_by_east(pair) == before);
}
