// The fixed schedule: 0, 3, 9, 21, 45 s, dead at 93 s (RFC 7296 section 2.1 leaves it to us).
#include <algorithm>

#include "ike/ike_sa.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::EventKind;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;

namespace {

using Times = std::vector<Duration>;

void silence(World& world) {
    world.filter = [](ike::Transmit&) { return false; };
}

/// All datagrams of a kind are equal, octet by octet.
bool all_equal(const World& world, ExchangeType exchange) {
    std::vector<Bytes> octets;
    for (const Flight& flight : world.traffic)
        if (is(flight.datagram, exchange, false)) octets.push_back(flight.datagram.octets);
    return std::ranges::all_of(octets, [&](const Bytes& one) { return one == octets.front(); });
}

std::vector<std::string> messages_with(const Gateway& gateway, Reason reason) {
    std::vector<std::string> messages;
    for (const ike::Event& event : gateway.events)
        if (event.reason == reason) messages.push_back(event.message);
    return messages;
}

/// A pair whose east end never asks whether west is there.
Pair pair_with_quiet_east() {
    const TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.dpd = config::DpdMode::disable;
    return Pair(spec.phase1(), east);
}

}  // namespace

TEST_CASE("retransmission: an unanswered DELETE goes out at 0, 3, 9, 21, 45 s, death is at 93 s",
          "[proves:retransmission]") {
    Pair pair = pair_with_quiet_east();
    REQUIRE(pair.connect());
    silence(pair.world);
    const Instant start = pair.world.now().boottime;
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(93) - milliseconds(1));
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(pair.world.run_until([&] { return pair.west.engine().established_count() == 0; },
                               milliseconds(1)));
    CHECK(pair.world.now().boottime == start + seconds(93));
    pair.world.run_for(seconds(300));
    CHECK(departures(pair.world, ExchangeType::informational, false) ==
          Times{seconds(0), seconds(3), seconds(9), seconds(21), seconds(45)});
    CHECK(all_equal(pair.world, ExchangeType::informational));
}

TEST_CASE("retransmission: the lines of a dead peer, in their order") {
    Pair pair;
    REQUIRE(pair.connect());
    silence(pair.world);
    pair.west.handle(ike::CommandRekey{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(94));
    const auto lines = messages_with(pair.west, Reason::peer_silent);
    REQUIRE(lines.size() == 5);
    const auto& peer = pair.west.last_event(EventKind::retransmission_timeout);
    REQUIRE(peer);
    const std::string spis = ike::to_text(peer->spi_i, peer->spi_r);
    CHECK(lines[0] == spis + " retransmission timeout");
    CHECK(lines[1] == "expiring IKE SA " + spis);
    CHECK(lines[2] == "going to be deleted");
    CHECK(lines[3] == "flushing");
    CHECK(lines[4].starts_with("deleting IPsec SA with SPI "));
    CHECK(pair.west.kernel.holds_only_standing());
}

TEST_CASE("retransmission: a peer found dead by a child's DELETE takes the tunnel with it") {
    Pair pair = pair_with_quiet_east();
    REQUIRE(pair.connect());
    silence(pair.world);
    const auto inbound = std::ranges::find_if(pair.west.kernel.sas(), [](const auto& entry) {
        return entry.second.install.direction == xfrm::Direction::in;
    });
    const auto expire = pair.west.kernel.expire(inbound->first, true);
    REQUIRE(expire);
    pair.west.handle(xfrm::Event{*expire}, pair.world.now());
    pair.world.run_for(seconds(94));
    CHECK(departures(pair.world, ExchangeType::informational, false).size() == 5);
    CHECK(pair.west.logged("retransmission timeout"));
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.west.engine().established_count() == 0);
}

TEST_CASE("retransmission: IKE_SA_INIT is given up after negotiate-timeout",
          "[proves:negotiate-timeout]") {
    Pair pair;
    silence(pair.world);
    const Instant start = pair.world.now().boottime;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    CHECK(pair.world.run_until([&] { return pair.west.engine().half_open_count() == 0; }));
    CHECK(pair.world.now().boottime == start + seconds(30));
    CHECK(pair.west.reasons() == std::vector{Reason::negotiation_timeout});
    CHECK(pair.west.logged("negotiation timeout, deleting"));
    pair.world.run_for(seconds(300));
    CHECK(departures(pair.world, ExchangeType::ike_sa_init, false) ==
          Times{seconds(0), seconds(3), seconds(9), seconds(21)});
    CHECK(all_equal(pair.world, ExchangeType::ike_sa_init));
}

TEST_CASE(
    "retransmission: IKE_AUTH counts from its own start, the timeout from the first message") {
    Pair pair;
    pair.world.filter = [](ike::Transmit& datagram) {
        return !is(datagram, ExchangeType::ike_auth, false);
    };
    const Instant start = pair.world.now().boottime;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    CHECK(pair.world.run_until([&] { return pair.west.engine().half_open_count() == 0; }));
    CHECK(pair.world.now().boottime == start + seconds(30));
    CHECK(departures(pair.world, ExchangeType::ike_auth, false) ==
          Times{seconds(0), seconds(3), seconds(9), seconds(21)});
    CHECK(all_equal(pair.world, ExchangeType::ike_auth));
    pair.world.run_for(seconds(1));
    CHECK(pair.east.reasons() == std::vector{Reason::negotiation_timeout});
    CHECK(nothing_is_left(pair));
}

TEST_CASE("retransmission: negotiate-timeout is what the configuration says",
          "[proves:negotiate-timeout]") {
    TunnelSpec spec;
    config::Phase1 west = spec.phase1();
    west.negotiate_timeout = seconds(7);
    Pair pair(west, spec.mirrored().phase1());
    silence(pair.world);
    const Instant start = pair.world.now().boottime;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    CHECK(pair.world.run_until([&] { return pair.west.engine().half_open_count() == 0; }));
    CHECK(pair.world.now().boottime == start + seconds(7));
}

TEST_CASE("retransmission: responses are never sent by themselves") {
    Pair pair;
    pair.world.filter = [](ike::Transmit& datagram) {
        return !is(datagram, ExchangeType::ike_sa_init, true);
    };
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(60));
    CHECK(departures(pair.world, ExchangeType::ike_sa_init, true).size() ==
          departures(pair.world, ExchangeType::ike_sa_init, false).size());
}

TEST_CASE("retransmission: an early or surplus wake-up does nothing") {
    Pair pair;
    silence(pair.world);
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    for (int i = 0; i < 5; ++i)
        pair.west.handle(ike::DeadlineReached{}, pair.world.now());
    CHECK(take_sent(pair.west).size() == 1);
}

TEST_CASE("retransmission: a tunnel that shall be up tries again five seconds after a failure",
          "[proves:auto-negotiate]") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Pair pair(spec);
    silence(pair.world);
    pair.world.run_for(seconds(75));
    CHECK(departures(pair.world, ExchangeType::ike_sa_init, false) ==
          Times{seconds(0), seconds(3), seconds(9), seconds(21), seconds(35), seconds(38),
                seconds(44), seconds(56), seconds(70), seconds(73)});
    pair.world.filter = nullptr;
    CHECK(pair.world.run_until([&] { return pair.is_up(); }, seconds(60)));
}
