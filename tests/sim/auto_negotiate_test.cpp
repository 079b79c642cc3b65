// auto-negotiate: who starts, when, and what follows a failure (fortios.md 5.1, 5.3, 6.2).
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

using Times = std::vector<Duration>;

TunnelSpec automatic() {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    return spec;
}

std::size_t requests(const World& world, ExchangeType exchange) {
    return departures(world, exchange, false).size();
}

std::vector<std::string> lines_since(const Gateway& gateway, std::size_t first) {
    std::vector<std::string> lines;
    for (std::size_t i = first; i < gateway.events.size(); ++i)
        if (gateway.events[i].severity != ike::Severity::debug)
            lines.push_back(gateway.events[i].message);
    return lines;
}

}  // namespace

TEST_CASE("auto-negotiate: starts with the configuration, at once") {
    Pair pair(automatic());
    const Instant start = pair.world.now().boottime;
    pair.world.run_for(seconds(60));
    CHECK(new_calls(pair.world, pair.west, start) == Times{seconds(0)});
    CHECK(new_calls(pair.world, pair.east, start).empty());
    CHECK(passes_both_ways(pair));
}

TEST_CASE("auto-negotiate: an unreachable peer is called anew every 35 s") {
    Pair pair(automatic());
    pair.world.filter = [](ike::Transmit&) { return false; };
    const Instant start = pair.world.now().boottime;
    pair.world.run_for(seconds(120));
    CHECK(new_calls(pair.world, pair.west, start) ==
          Times{seconds(0), seconds(35), seconds(70), seconds(105)});
}

TEST_CASE("auto-negotiate: several phase 2s wait for an unreachable peer together") {
    const TunnelSpec spec = automatic();
    const config::Phase1 west = with_phase2s(spec, 3);
    Pair pair(west, mirrored(west, spec));
    pair.world.filter = [](ike::Transmit& datagram) {
        return datagram.local.address != address("192.0.2.1");
    };
    const Instant start = pair.world.now().boottime;
    pair.east.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(100));
    CHECK(new_calls(pair.world, pair.west, start) == Times{seconds(0), seconds(35), seconds(70)});
}

TEST_CASE("auto-negotiate: a peer that refuses is asked again after five seconds") {
    TunnelSpec spec = automatic();
    config::Phase1 east = spec.mirrored().phase1();
    east.proposals = four_suites()[1].spec.ike;
    Pair pair(spec.phase1(), east);
    const Instant start = pair.world.now().boottime;
    pair.world.run_for(seconds(12));
    CHECK(new_calls(pair.world, pair.west, start) ==
          Times{seconds(0), milliseconds(5020), milliseconds(10040)});
}

TEST_CASE("auto-negotiate: a phase 2 that is refused is asked for again, the IKE SA stays") {
    TunnelSpec spec = automatic();
    config::Phase1 east = spec.mirrored().phase1();
    east.phase2s[0].proposals = four_suites()[1].spec.esp;
    Pair pair(spec.phase1(), east);
    pair.world.run_for(seconds(12));
    CHECK(requests(pair.world, ExchangeType::ike_sa_init) == 1);
    CHECK(departures(pair.world, ExchangeType::create_child_sa, false) ==
          Times{seconds(0), milliseconds(5020)});
    CHECK(pair.west.engine().established_count() == 1);
}

TEST_CASE("auto-negotiate: one phase 2 goes into IKE_AUTH, the others follow one by one") {
    const TunnelSpec spec = automatic();
    const config::Phase1 west = with_phase2s(spec, 4);
    config::Phase1 east = mirrored(west, spec);
    for (config::Phase2& phase2 : east.phase2s)
        phase2.auto_negotiate = false;
    Pair pair(west, east);
    pair.world.run_for(milliseconds(200));
    CHECK(pair.west.kernel.count_sas(xfrm::Direction::in) == 4);
    CHECK(pair.east.kernel.count_sas(xfrm::Direction::in) == 4);
    CHECK(departures(pair.world, ExchangeType::create_child_sa, false) ==
          Times{seconds(0), milliseconds(20), milliseconds(40)});
    CHECK(pair.west.engine().established_count() == 1);
}

TEST_CASE("auto-negotiate: the end that was called leaves the others to the caller") {
    const TunnelSpec spec = automatic();
    const config::Phase1 west = with_phase2s(spec, 3);
    World world;
    Gateway& gateway = world.add("west", spec.local);
    Gateway& peer = world.add("east", spec.remote);
    world.network.cut(address(spec.local), address(spec.remote),
                      world.now().boottime + seconds(31));
    peer.configure({mirrored(west, spec)}, world.now());
    world.run_for(seconds(31));
    gateway.configure({west}, world.now());
    world.run_for(seconds(30));
    CHECK(gateway.kernel.count_sas(xfrm::Direction::in) == 3);
    CHECK(departures(world, ExchangeType::create_child_sa, false).size() == 2);
    CHECK(gateway.engine().established_count() == 1);
    CHECK(peer.engine().established_count() == 1);
}

TEST_CASE("auto-negotiate: what the peer deletes is back after five seconds") {
    Pair pair(automatic());
    pair.world.run_for(seconds(1));
    REQUIRE(pair.is_up());
    const auto inbound = std::ranges::find_if(pair.east.kernel.sas(), [](const auto& entry) {
        return entry.second.install.direction == xfrm::Direction::in;
    });
    const auto expire = pair.east.kernel.expire(inbound->first, true);
    REQUIRE(expire);
    pair.east.handle(xfrm::Event{*expire}, pair.world.now());
    pair.world.run_for(seconds(5));
    CHECK(pair.west.kernel.sas().empty());
    pair.world.run_for(milliseconds(100));
    CHECK(passes_both_ways(pair));
    CHECK(requests(pair.world, ExchangeType::ike_sa_init) == 1);
    CHECK(requests(pair.world, ExchangeType::create_child_sa) == 1);
}

// phase1 auto-negotiate is the permission for automatic IKE SAs (fortios.md 5.3).
TEST_CASE("auto-negotiate: disabled in phase 1, a phase 2 rides on others' IKE SAs only") {
    const TunnelSpec spec = automatic();
    config::Phase1 west = with_phase2s(spec, 2);
    west.auto_negotiate = false;
    config::Phase1 east = mirrored(west, spec);
    for (config::Phase2& phase2 : east.phase2s)
        phase2.auto_negotiate = false;
    Pair pair(west, east);
    pair.world.run_for(seconds(60));
    CHECK(pair.world.traffic.empty());
    pair.east.handle(ike::CommandUp{"tunnel", "tunnel-net"}, pair.world.now());
    pair.world.run_for(seconds(4));
    CHECK(pair.west.kernel.count_sas(xfrm::Direction::in) == 1);
    pair.world.run_for(seconds(2));
    CHECK(pair.west.kernel.count_sas(xfrm::Direction::in) == 2);
    CHECK(pair.east.kernel.count_sas(xfrm::Direction::in) == 2);
}

TEST_CASE("auto-negotiate: the lines of a negotiation that timed out, in their order") {
    Pair pair(automatic());
    pair.world.filter = [](ike::Transmit&) { return false; };
    pair.world.run_for(seconds(29));
    const std::size_t before = pair.west.events.size();
    pair.world.run_for(seconds(2));
    const auto lines = lines_since(pair.west, before);
    REQUIRE(lines.size() == 7);
    CHECK(lines[0].find("negotiation timeout, deleting") == 0);
    CHECK(std::vector(lines.begin() + 1, lines.end()) ==
          std::vector<std::string>{"connection expiring due to phase1 down", "deleting", "flushing",
                                   "flushed", "schedule auto-negotiate", "deleted"});
}

TEST_CASE("auto-negotiate: after the lines of a dead peer comes what will be done") {
    const TunnelSpec spec = automatic();
    config::Phase1 west = with_phase2s(spec, 2);
    config::Phase1 east = mirrored(west, spec);
    east.phase2s[0].auto_negotiate = false;
    east.phase2s.pop_back();  // the second one is refused, and asked for every five seconds
    Pair pair(west, east);
    pair.world.run_for(seconds(1));
    pair.world.filter = [](ike::Transmit&) { return false; };
    pair.world.run_for(seconds(100));
    const auto flushed = std::ranges::find(pair.west.events, "flushed", &ike::Event::message);
    REQUIRE(flushed != pair.west.events.end());
    const auto lines =
        lines_since(pair.west, static_cast<std::size_t>(flushed - pair.west.events.begin()));
    REQUIRE(lines.size() >= 3);
    CHECK(std::vector(lines.begin(), lines.begin() + 3) ==
          std::vector<std::string>{"flushed", "schedule auto-negotiate", "deleted"});
    CHECK((flushed - 2)->message.find("deleting IPsec SA with SPI") == 0);
    pair.world.filter = nullptr;
    pair.world.run_for(seconds(10));
    CHECK(pair.west.kernel.count_sas(xfrm::Direction::in) == 1);
}
