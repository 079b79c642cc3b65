// IKE SAs that are set up without a Child SA (RFC 6023).
#include <algorithm>
#include <array>

#include "sim/rekeying.hpp"
#include "sim/wiretap.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;

namespace {

config::Phase1 childless(config::Phase1 phase1) {
    phase1.childless = true;
    return phase1;
}

/// West leaves the Child SA out of IKE_AUTH, if east can do with that.
Pair childless_pair() {
    const TunnelSpec spec;
    return Pair(childless(spec.phase1()), spec.mirrored().phase1());
}

std::size_t count_requests(const World& world, ExchangeType exchange) {
    return departures(world, exchange, false).size();
}

/// East's answers say no more that they can do without.
void hide_support(World& world) {
    world.filter = [](ike::Transmit& datagram) {
        constexpr std::array<std::uint8_t, 7> notify{0, 0, 8, 0, 0, 0x40, 0x22};
        auto& octets = datagram.octets;
        const auto found = std::ranges::search(octets, notify);
        if (is(datagram, ExchangeType::ike_sa_init, true) && !found.empty())
            *(found.begin() + 5) = 0xf0;  // a status type that nobody knows
        return true;
    };
}

}  // namespace

TEST_CASE("X48 childless: the IKE SA first, then the Child SA in an exchange of its own") {
    Pair pair = childless_pair();
    REQUIRE(pair.connect());
    CHECK(count_requests(pair.world, ExchangeType::ike_auth) == 1);
    CHECK(count_requests(pair.world, ExchangeType::create_child_sa) == 1);
    pair.world.run_for(seconds(5));
    CHECK(passes_both_ways(pair));
    CHECK(to_text(check_quiet(pair.world)) == "");
    CHECK(to_text(check_converged(pair.west, pair.east)) == "");
}

TEST_CASE("X48 childless: traffic is the reason, and its packet is answered") {
    Pair pair = childless_pair();
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::no_sa);
    pair.world.run_for(seconds(1));
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
    CHECK(pair.west.kernel.larvals().empty());
}

TEST_CASE("X48 childless: a responder that cannot do so gets the Child SA within IKE_AUTH") {
    Pair pair = childless_pair();
    hide_support(pair.world);
    // Whoever changes an answer breaks the proof over it; but what IKE_AUTH asks for is seen.
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(milliseconds(100));
    const auto request = std::ranges::find_if(pair.world.traffic, [](const Flight& flight) {
        return is(flight.datagram, ExchangeType::ike_auth, false);
    });
    REQUIRE(request != pair.world.traffic.end());
    const Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    CHECK(tap.open(request->datagram.octets).payloads.sa);
}

TEST_CASE("X48 childless: the Child SA is refused, the IKE SA stays and asks again") {
    const TunnelSpec spec;
    TunnelSpec other = spec.mirrored();
    other.local_subnets = {"10.9.0.0/24"};
    config::Phase1 west = childless(spec.phase1());
    west.phase2s[0].auto_negotiate = west.phase2s[0].keepalive = true;
    Pair pair(west, other.phase1());
    pair.world.run_for(seconds(1));
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(pair.east.engine().established_count() == 1);
    CHECK(pair.west.logged("TS_UNACCEPTABLE"));
    pair.world.run_for(seconds(10));
    CHECK(count_requests(pair.world, ExchangeType::ike_auth) == 1);
    CHECK(count_requests(pair.world, ExchangeType::create_child_sa) == 3);
}

TEST_CASE("X48 childless: with PFS the first Child SA has a key exchange of its own") {
    const TunnelSpec spec;
    config::Phase1 west = childless(spec.phase1());
    config::Phase1 east = spec.mirrored().phase1();
    for (config::Phase1* phase1 : {&west, &east}) {
        phase1->phase2s[0].pfs = true;
        phase1->phase2s[0].key_exchanges = phase1->key_exchanges;
    }
    Pair pair(west, east);
    REQUIRE(pair.connect());
    CHECK(passes_both_ways(pair));
}
