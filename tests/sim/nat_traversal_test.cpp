// NATs between two gateways: found, got through, kept open (RFC 7296 section 2.23, RFC 3948).
#include <algorithm>

#include "sim/nat_pair.hpp"
#include "support/catch.hpp"
#include "support/invariants.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using config::NatTraversal;
using std::chrono::minutes;
using std::chrono::seconds;
using wire::ExchangeType;

namespace {

constexpr ike::NatFinding only_here{true, false, true};
constexpr ike::NatFinding only_there{false, true, true};
constexpr ike::NatFinding both_sides{true, true, true};

NatPair::Change with(NatTraversal mode) {
    return [mode](config::Phase1& phase1) { phase1.nat_traversal = mode; };
}

/// From port 4500 to port 4500, IKE_SA_INIT apart.
bool went_to_4500(const World& world) {
    return std::ranges::all_of(world.traffic, [](const Flight& flight) {
        const bool first = header_of(flight.datagram).exchange == ExchangeType::ike_sa_init;
        return flight.datagram.local.port == (first ? 500 : 4500);
    });
}

}  // namespace

TEST_CASE("NAT: the initiator is behind one") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    CHECK(NatPair::ike_sa(pair.west).nat == only_here);
    CHECK(NatPair::ike_sa(pair.east).nat == only_there);
    CHECK(NatPair::all_in_udp(pair.west));
    CHECK(NatPair::all_in_udp(pair.east));
    CHECK(went_to_4500(pair.world));
    CHECK(pair.west.logged("we are behind a NAT"));
    CHECK(pair.east.logged("the peer is behind a NAT"));
    CHECK(to_text(check_quiet(pair.world)) == "");
}

TEST_CASE("NAT: the kernel gets the ports of the way, each SA in its own direction") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    const Endpoint peer = NatPair::ike_sa(pair.east).remote;
    REQUIRE(peer.port >= 20000);
    for (const auto& [id, sa] : pair.east.kernel.sas()) {
        const bool in = sa.install.direction == xfrm::Direction::in;
        CHECK(sa.install.encapsulation ==
              (in ? xfrm::Encapsulation{peer.port, 4500} : xfrm::Encapsulation{4500, peer.port}));
        CHECK((in ? sa.install.source : sa.install.destination) == peer.address);
    }
}

TEST_CASE("NAT: the responder is behind one that forwards its ports") {
    NatPair pair({.east = true});
    REQUIRE(pair.connect());
    CHECK(NatPair::ike_sa(pair.west).nat == only_there);
    CHECK(NatPair::ike_sa(pair.east).nat == only_here);
    CHECK(NatPair::all_in_udp(pair.west));
    CHECK(NatPair::all_in_udp(pair.east));
}

TEST_CASE("NAT: both ends are behind one") {
    NatPair pair({.west = true, .east = true});
    REQUIRE(pair.connect());
    CHECK(NatPair::ike_sa(pair.west).nat == both_sides);
    CHECK(NatPair::ike_sa(pair.east).nat == both_sides);
}

TEST_CASE("NAT: where there is none nothing changes") {
    NatPair pair({});
    REQUIRE(pair.connect());
    CHECK(NatPair::ike_sa(pair.west).nat == ike::NatFinding{});
    CHECK_FALSE(NatPair::all_in_udp(pair.west));
    CHECK(std::ranges::all_of(pair.world.traffic, [](const Flight& flight) {
        return flight.datagram.local.port == 500 && flight.datagram.remote.port == 500;
    }));
}

TEST_CASE("NAT: forced at either end packs into UDP without a NAT, and keeps nothing alive") {
    const bool west_forces = GENERATE(true, false);
    NatPair pair({}, with(west_forces ? NatTraversal::forced : NatTraversal::enable),
                 with(west_forces ? NatTraversal::enable : NatTraversal::forced));
    REQUIRE(pair.connect());
    CHECK(NatPair::all_in_udp(pair.west));
    CHECK(NatPair::all_in_udp(pair.east));
    CHECK(went_to_4500(pair.world));
    pair.world.run_for(minutes(2));
    CHECK(pair.west.keepalive_times.empty());
    CHECK(pair.east.keepalive_times.empty());
}

TEST_CASE("NAT: who does not do NAT traversal gets plain ESP, whatever the other end wants") {
    const NatTraversal other = GENERATE(NatTraversal::enable, NatTraversal::forced);
    NatPair pair({}, with(NatTraversal::disable), with(other));
    REQUIRE(pair.connect());
    CHECK_FALSE(NatPair::all_in_udp(pair.west));
    CHECK_FALSE(NatPair::all_in_udp(pair.east));
    const auto types = notify_types(read_clear(pair.world.traffic.front().datagram.octets));
    CHECK(std::ranges::find(types, wire::NotifyType::nat_detection_source_ip) == types.end());
}

TEST_CASE("NAT: successors of Child SAs and IKE SAs go through it as well") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    Gateway& begins = GENERATE(true, false) ? pair.west : pair.east;
    pair.rekey_child(begins);
    pair.world.run_for(seconds(10));
    CHECK(pair.carries());
    begins.handle(ike::CommandRekey{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(10));
    CHECK(NatPair::ike_sa(pair.west).nat == only_here);
    CHECK(NatPair::ike_sa(pair.east).nat == only_there);
    pair.rekey_child(begins);
    pair.world.run_for(seconds(10));
    CHECK(pair.carries());
    CHECK(NatPair::all_in_udp(pair.west));
    CHECK(NatPair::all_in_udp(pair.east));
    CHECK(to_text(check_quiet(pair.world)) == "");
}

// ---- Where answers go --------------------------------------------------------------------------

TEST_CASE("C13: an answer goes where its request came from, and nothing else does") {
    NatPair pair({});
    REQUIRE(pair.connect());
    const Endpoint west = NatPair::ike_sa(pair.east).remote;
    const Endpoint elsewhere{address("192.0.2.77"), 1234};
    pair.world.hold(pair.west);
    pair.rekey_child(pair.west);
    const Letter request = pair.world.in_flight().front();
    pair.east.handle(
        ike::DatagramReceived{request.datagram.remote, elsewhere, request.datagram.octets},
        pair.world.now());
    REQUIRE(pair.east.sent.size() == 1);
    CHECK(pair.east.sent.front().remote == elsewhere);
    // Once more, from a third place.
    const Endpoint third{address("192.0.2.78"), 500};
    pair.east.handle(ike::DatagramReceived{request.datagram.remote, third, request.datagram.octets},
                     pair.world.now());
    REQUIRE(pair.east.sent.size() == 2);
    CHECK(pair.east.sent.back().remote == third);
    CHECK(pair.east.sent.back().octets == pair.east.sent.front().octets);
    CHECK(NatPair::ike_sa(pair.east).remote == west);
}

// ---- Keepalives --------------------------------------------------------------------------------

TEST_CASE("NAT keepalive: from the end that is behind a NAT, each `keepalive` of silence") {
    const auto interval = GENERATE(seconds(10), seconds(25));
    const auto change = [interval](config::Phase1& phase1) {
        phase1.nat_keepalive = interval;
        phase1.dpd = config::DpdMode::disable;
    };
    NatPair pair({.west = true}, change, change);
    REQUIRE(pair.connect());
    const Instant start = pair.world.now().boottime;
    pair.world.run_for(interval * 10 + seconds(2));
    CHECK(pair.east.keepalive_times.empty());
    const auto& times = pair.west.keepalive_times;
    for (const Instant at : times)
        UNSCOPED_INFO(clock_text(at));
    REQUIRE(times.size() >= 9);
    REQUIRE(times.size() <= 10);
    CHECK(times.front() - start <= 2 * interval);
    for (std::size_t i = 1; i < times.size(); ++i)
        CHECK(times[i] - times[i - 1] == interval);
}

TEST_CASE("NAT keepalive: no later than `keepalive` after a packet, whenever that left") {
    constexpr seconds interval{10};
    const auto change = [&](config::Phase1& phase1) {
        phase1.nat_keepalive = interval;
        phase1.dpd = config::DpdMode::disable;
    };
    for (const int offset : {100, 4900, 5100, 9800}) {
        INFO(offset << " ms");
        NatPair pair({.west = true}, change, change);
        REQUIRE(pair.connect());
        pair.world.run_for(std::chrono::milliseconds(offset));
        REQUIRE(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
        pair.west.keepalive_times.clear();
        pair.world.run_for(interval);
        CHECK_FALSE(pair.west.keepalive_times.empty());
    }
}

TEST_CASE("NAT keepalive: not while ESP or IKE goes out") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    Ping& ping = pair.world.ping(pair.west, pair.east, there, seconds(1));
    pair.world.run_for(minutes(2));
    CHECK(pair.west.keepalive_times.empty());
    ping.stopped = true;
    pair.world.run_for(seconds(30));
    CHECK_FALSE(pair.west.keepalive_times.empty());
}

TEST_CASE("NAT keepalive: an idle tunnel's NAT remembers it, and without them it would not") {
    const auto interval = GENERATE(seconds(10), seconds(900));
    NatPair pair({.west = true}, [interval](config::Phase1& phase1) {
        phase1.nat_keepalive = interval;
        phase1.dpd = config::DpdMode::disable;
    });
    pair.west_nat->timeout = seconds(30);
    REQUIRE(pair.connect());
    pair.world.run_for(minutes(10));
    const bool passes = pair.world.send(pair.east, pair.west, back) == PacketFate::delivered;
    CHECK(passes == (interval == seconds(10)));
}

TEST_CASE("NAT keepalive: ends with the IKE SA") {
    NatPair pair({.west = true});
    REQUIRE(pair.connect());
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(5));
    const auto sent = pair.west.keepalive_times.size();
    pair.world.run_for(minutes(5));
    CHECK(pair.west.keepalive_times.size() == sent);
}

// ---- Transport mode ----------------------------------------------------------------------------

namespace {

/// Host to host: west's address as it is there, or that of its NAT.
NatPair::Change transport(const char* local, const char* remote, NatTraversal mode) {
    return [=](config::Phase1& phase1) {
        phase1.nat_traversal = mode;
        config::Phase2& phase2 = phase1.phase2s.front();
        phase2.encapsulation = config::Encapsulation::transport;
        phase2.selectors.local = {{address(local), address(local)}};
        phase2.selectors.remote = {{address(remote), address(remote)}};
    };
}

}  // namespace

TEST_CASE("NAT: transport mode behind one is refused with its reason") {
    const auto mode = NatTraversal::enable;
    NatPair pair({.west = true}, transport("192.168.1.2", "192.0.2.2", mode),
                 transport("192.0.2.2", "192.0.2.1", mode));
    CHECK_FALSE(pair.connect());
    const std::string why = message_of(pair.east, ike::Reason::transport_behind_nat);
    CHECK(why.find("192.168.1.2") != std::string::npos);
    CHECK(why.find("192.0.2.1") != std::string::npos);
}

TEST_CASE("NAT: transport mode can be forced into UDP where there is none") {
    const auto mode = NatTraversal::forced;
    NatPair pair({}, transport("192.0.2.1", "192.0.2.2", mode),
                 transport("192.0.2.2", "192.0.2.1", mode));
    pair.connect();
    const Packet out{address("192.0.2.1"), address("192.0.2.2")};
    CHECK(pair.world.send(pair.west, pair.east, out) == PacketFate::delivered);
    CHECK(NatPair::all_in_udp(pair.west));
}
