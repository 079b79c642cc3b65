// Large messages over paths that drop large datagrams (RFC 7383).
#include <algorithm>
#include <map>

#include "sim/scenario.hpp"
#include "sim/seeds.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::NotifyType;

namespace {

using Times = std::vector<Duration>;

/// 200 selectors of 40 octets each: IKE_AUTH has more than 8 KB in both directions.
TunnelSpec large_spec() {
    TunnelSpec spec;
    spec.local_subnets = {"2001:db8:1::/48"};
    spec.remote_subnets.clear();
    for (int i = 0; i < 200; ++i)
        spec.remote_subnets.push_back("2001:db8:2:" + std::to_string(i) + "::/64");
    return spec;
}

Pair large_pair(std::uint16_t fragmentation_mtu = 1200) {
    const TunnelSpec spec = large_spec();
    config::Phase1 west = spec.phase1();
    config::Phase1 east = spec.mirrored().phase1();
    west.fragmentation_mtu = east.fragmentation_mtu = fragmentation_mtu;
    return Pair(west, east);
}

bool is_fragment(const Flight& flight) {
    return header_of(flight.datagram).next_payload == wire::PayloadType::encrypted_fragment;
}

std::size_t count_fragments(const World& world) {
    return static_cast<std::size_t>(std::ranges::count_if(world.traffic, is_fragment));
}

std::size_t largest_datagram(const World& world, ExchangeType exchange, bool response) {
    std::size_t most = 0;
    for (const Flight& flight : world.traffic)
        if (is(flight.datagram, exchange, response))
            most = std::max(most, flight.datagram.octets.size());
    return most;
}

/// The datagrams of a kind that left, one list for each moment.
std::vector<std::vector<Bytes>> transmissions(const World& world, ExchangeType exchange,
                                              bool response) {
    std::map<Instant, std::vector<Bytes>> at;
    for (const Flight& flight : world.traffic)
        if (is(flight.datagram, exchange, response))
            at[flight.arrives].push_back(flight.datagram.octets);
    std::vector<std::vector<Bytes>> result;
    for (auto& [when, datagrams] : at)
        result.push_back(std::move(datagrams));
    return result;
}

/// When datagrams of a kind left, each moment once, counted from the first.
Times moments_of(const World& world, ExchangeType exchange, bool response) {
    Times times = departures(world, exchange, response);
    times.erase(std::unique(times.begin(), times.end()), times.end());
    return times;
}

bool announces(const Flight& flight) {
    return read_clear(flight.datagram.octets)
               .payloads.find(NotifyType::ikev2_fragmentation_supported) != nullptr;
}

}  // namespace

TEST_CASE("fragmentation: both ends announce it in IKE_SA_INIT, an end that does not want it not") {
    for (const bool west_wants : {true, false}) {
        for (const bool east_wants : {true, false}) {
            config::Phase1 west = large_spec().phase1();
            config::Phase1 east = large_spec().mirrored().phase1();
            west.fragmentation = west_wants;
            east.fragmentation = east_wants;
            Pair pair(west, east);
            REQUIRE(pair.connect());
            CHECK(announces(pair.world.traffic[0]) == west_wants);
            CHECK(announces(pair.world.traffic[1]) == (west_wants && east_wants));
            CHECK((count_fragments(pair.world) > 0) == (west_wants && east_wants));
        }
    }
}

TEST_CASE("fragmentation: 8 KB in each direction over a path of 576 octets, at once") {
    Pair pair = large_pair(576);
    pair.world.network.usual.mtu = 576;
    const Instant start = pair.world.now().boottime;
    REQUIRE(pair.connect());
    CHECK(pair.world.now().boottime - start < seconds(1));
    CHECK(count_fragments(pair.world) > 2 * 16);
    CHECK(moments_of(pair.world, ExchangeType::ike_auth, false) == Times{seconds(0)});
}

TEST_CASE("fragmentation: F08, without fragments nothing comes of it") {
    config::Phase1 west = large_spec().phase1();
    west.fragmentation = false;
    Pair pair(west, large_spec().mirrored().phase1());
    pair.world.network.usual.mtu = 576;
    CHECK_FALSE(pair.connect());
}

TEST_CASE("fragmentation: F08, after three silent tries the fragments become smaller") {
    Pair pair = large_pair();
    pair.world.network.usual.mtu = 576;
    const Instant start = pair.world.now().boottime;
    REQUIRE(pair.connect());
    const Duration took = pair.world.now().boottime - start;
    CHECK(took > seconds(21));
    CHECK(took < seconds(22));
    const auto tries = transmissions(pair.world, ExchangeType::ike_auth, false);
    REQUIRE(tries.size() == 4);
    CHECK(tries[1] == tries[0]);
    CHECK(tries[2] == tries[0]);
    CHECK(tries[3].size() > tries[0].size());
    CHECK(wire::Header::parse(tries[3][0])->message_id ==
          wire::Header::parse(tries[0][0])->message_id);
    // The peer's size is an answer too: the response is as small at its first try.
    CHECK(transmissions(pair.world, ExchangeType::ike_auth, true).size() == 1);
}

TEST_CASE("fragmentation: F08, a response that nobody gets becomes smaller as well") {
    Pair pair = large_pair();
    Link narrow;
    narrow.mtu = 576;
    pair.world.network.set_link(pair.east.address, pair.west.address, narrow);
    REQUIRE(pair.connect());
    const auto requests = transmissions(pair.world, ExchangeType::ike_auth, false);
    const auto responses = transmissions(pair.world, ExchangeType::ike_auth, true);
    REQUIRE(requests.size() == 4);
    REQUIRE(responses.size() == 4);
    CHECK(responses[1] == responses[0]);
    CHECK(responses[2] == responses[0]);
    CHECK(responses[3].size() > responses[0].size());
    // One answer to a request of many fragments.
    CHECK(pair.east.kernel.sas().size() == 2);
}

TEST_CASE("fragmentation: an SK message that was answered is known when it comes in fragments") {
    Pair pair = large_pair(16000);
    pair.world.filter = [](ike::Transmit& datagram) {
        // The response is lost until it is small.
        return !is(datagram, ExchangeType::ike_auth, true) || datagram.octets.size() < 576;
    };
    REQUIRE(pair.connect());
    const auto requests = transmissions(pair.world, ExchangeType::ike_auth, false);
    REQUIRE(requests.size() == 4);
    CHECK(requests[0].size() == 1);
    CHECK(requests[3].size() > 16);
    CHECK(pair.east.count_events(ike::EventKind::child_sa_established) == 1);
}

TEST_CASE("fragmentation: the schedule stays, and each time all fragments go out",
          "[proves:retransmission]") {
    const TunnelSpec spec = large_spec();
    config::Phase1 west = spec.phase1();
    west.negotiate_timeout = seconds(300);
    Pair pair(west, spec.mirrored().phase1());
    pair.world.filter = [](ike::Transmit& datagram) {
        return !is(datagram, ExchangeType::ike_auth, false);
    };
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(200));
    CHECK(moments_of(pair.world, ExchangeType::ike_auth, false) ==
          Times{seconds(0), seconds(3), seconds(9), seconds(21), seconds(45)});
    const auto tries = transmissions(pair.world, ExchangeType::ike_auth, false);
    CHECK(tries[4] == tries[3]);
    CHECK(pair.west.logged("retransmission timeout"));
}

// Only the first fragment of what comes again is answered (section 2.6.1).
TEST_CASE("fragmentation: C03, a fragmented request that comes again is answered once, alike") {
    Pair pair = large_pair();
    REQUIRE(pair.connect());
    const auto request = transmissions(pair.world, ExchangeType::ike_auth, false).at(0);
    const auto response = transmissions(pair.world, ExchangeType::ike_auth, true).at(0);
    for (const Bytes& datagram : request)
        give(pair, pair.east, datagram);
    CHECK(take_sent(pair.east) == response);
    for (std::size_t i = 1; i < request.size(); ++i)
        give(pair, pair.east, request[i]);
    CHECK(take_sent(pair.east).empty());
}

TEST_CASE("fragmentation: F07, one lost fragment is filled by the retransmission") {
    Pair pair = large_pair();
    std::size_t seen = 0;
    pair.world.filter = [&seen](ike::Transmit& datagram) {
        // Of the first transmission the third fragment, of the second all but that.
        if (!is(datagram, ExchangeType::ike_auth, false)) return true;
        const auto number = load_big_endian<std::uint16_t>(&datagram.octets[32]);
        return (number == 3) == (seen++ >= 8);
    };
    REQUIRE(pair.connect());
    CHECK(moments_of(pair.world, ExchangeType::ike_auth, false) == Times{seconds(0), seconds(3)});
}

TEST_CASE("fragmentation: F07, a network that loses, doubles and reorders") {
    play_seeds(40, [](Trial& trial) -> Violations {
        trial.watch();
        const TunnelSpec spec = large_spec();
        Gateway& west = trial.world.add("west", "192.0.2.1");
        Gateway& east = trial.world.add("east", "192.0.2.2");
        config::Phase1 phase1 = spec.phase1();
        phase1.phase2s[0].auto_negotiate = phase1.phase2s[0].keepalive = true;
        east.configure({spec.mirrored().phase1()}, trial.world.now());
        west.configure({phase1}, trial.world.now());
        Link& link = trial.world.network.usual;
        link.jitter = milliseconds(2000);
        link.duplication = 20;
        link.loss = 30;
        const auto up = [&] { return !west.kernel.sas().empty() && !east.kernel.sas().empty(); };
        if (!trial.world.run_until(up, seconds(600))) return {"nothing came of it in ten minutes"};
        return {};
    });
}

TEST_CASE("fragmentation: the successor of a rekeyed IKE SA goes on with it") {
    Pair pair = large_pair();
    REQUIRE(pair.connect());
    pair.west.handle(ike::CommandRekey{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(5));
    REQUIRE(pair.west.key_logs.size() == 2);
    pair.world.traffic.clear();
    for (Gateway* gateway : {&pair.east, &pair.west}) {
        gateway->handle(ike::CommandRekey{"tunnel", "tunnel-net"}, pair.world.now());
        pair.world.run_for(seconds(5));
    }
    CHECK(transmissions(pair.world, ExchangeType::create_child_sa, false).size() == 2);
    CHECK(largest_datagram(pair.world, ExchangeType::create_child_sa, false) <= 1200);
    CHECK(largest_datagram(pair.world, ExchangeType::create_child_sa, true) <= 1200);
    CHECK(count_fragments(pair.world) > 4 * 6);
    CHECK(pair.is_up());
}
