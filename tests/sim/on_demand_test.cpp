// Traffic starts what nothing else does (fortios.md 5.1).
#include <fmt/format.h>

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

void ask(Gateway& gateway, const World& world, std::uint32_t nth, std::uint32_t sequence) {
    gateway.handle(xfrm::Event{acquire(nth, sequence)}, world.now());
}

std::vector<std::uint32_t> answered(const Gateway& gateway) {
    std::vector<std::uint32_t> sequences;
    for (const auto& [id, sa] : gateway.kernel.sas())
        if (sa.install.acquire_sequence != 0) sequences.push_back(sa.install.acquire_sequence);
    return sequences;
}

/// ACQUIREs that the kernel is asked to forget, of the requests that it has not answered.
std::ptrdiff_t cancelled(const Gateway& gateway) {
    return std::ranges::count_if(gateway.waiting_requests, [](const ike::KernelRequest& request) {
        return std::ranges::any_of(request.operations, [](const xfrm::Operation& operation) {
            return std::holds_alternative<xfrm::AllocateSpi>(operation);
        });
    });
}

std::size_t requests(const World& world, ExchangeType exchange) {
    return departures(world, exchange, false).size();
}

}  // namespace

TEST_CASE("on demand: without traffic nothing starts", "[proves:first-packet]") {
    Pair pair;
    pair.world.run_for(seconds(600));
    CHECK(pair.world.traffic.empty());
}

TEST_CASE("on demand: a packet starts the tunnel, and the kernel's ACQUIRE is answered",
          "[proves:first-packet]") {
    Pair pair;
    ask(pair.west, pair.world, 1, 42);
    pair.world.run_for(seconds(1));
    CHECK(passes_both_ways(pair));
    CHECK(answered(pair.west) == std::vector<std::uint32_t>{42});
}

TEST_CASE("on demand: an IKE SA that is up is used") {
    const TunnelSpec spec;
    const config::Phase1 west = with_phase2s(spec, 2);
    Pair pair(west, mirrored(west, spec));
    ask(pair.west, pair.world, 1, 42);
    pair.world.run_for(seconds(1));
    ask(pair.west, pair.world, 2, 43);
    pair.world.run_for(seconds(1));
    CHECK(requests(pair.world, ExchangeType::ike_sa_init) == 1);
    CHECK(requests(pair.world, ExchangeType::create_child_sa) == 1);
    CHECK(pair.west.kernel.count_sas(xfrm::Direction::in) == 2);
    CHECK(answered(pair.west).size() == 2);
}

TEST_CASE("on demand: traffic of a second phase 2 during the negotiation follows at once") {
    const TunnelSpec spec;
    const config::Phase1 west = with_phase2s(spec, 2);
    Pair pair(west, mirrored(west, spec));
    ask(pair.west, pair.world, 1, 42);
    pair.world.run_for(milliseconds(15));
    ask(pair.west, pair.world, 2, 43);
    ask(pair.west, pair.world, 1, 44);
    pair.world.run_for(milliseconds(85));
    CHECK(pair.west.kernel.count_sas(xfrm::Direction::in) == 2);
    CHECK(requests(pair.world, ExchangeType::ike_sa_init) == 1);
    CHECK(requests(pair.world, ExchangeType::create_child_sa) == 1);
}

// TSi has room for 255 selectors; that of the packet would be one more.
TEST_CASE("C08 on demand: a packet starts a phase 2 with as many selectors as a payload holds") {
    TunnelSpec spec;
    spec.local_subnets.clear();
    for (int i = 0; i < 255; ++i)
        spec.local_subnets.push_back(fmt::format("10.1.{}.0/24", i));
    Pair pair(spec);
    ask(pair.west, pair.world, 1, 42);
    pair.world.run_for(seconds(1));
    CHECK(passes_both_ways(pair));
    CHECK(answered(pair.west) == std::vector<std::uint32_t>{42});
}

TEST_CASE("on demand: after a failed attempt the kernel is free to ask again within a second") {
    Pair pair;
    pair.world.filter = [](ike::Transmit&) { return false; };
    ask(pair.west, pair.world, 1, 42);
    pair.world.run_for(seconds(30));
    REQUIRE(pair.west.reasons() == std::vector{Reason::negotiation_timeout});
    pair.west.kernel_waits = true;
    pair.world.run_for(seconds(1));
    CHECK(cancelled(pair.west) == 1);
    pair.west.kernel_waits = false;
    pair.west.answer_kernel(pair.world.now());
    // Nothing is tried without another packet.
    const std::size_t sent = pair.world.traffic.size();
    pair.world.run_for(seconds(60));
    CHECK(pair.world.traffic.size() == sent);
    pair.world.filter = nullptr;
    ask(pair.west, pair.world, 1, 43);
    pair.world.run_for(seconds(1));
    CHECK(passes_both_ways(pair));
}

TEST_CASE("on demand: packets of a host that cannot be helped cost an attempt a second at most") {
    Pair pair;
    pair.west.handle(ike::InterfacesChanged{{{"eth0", 2, 1500, true, {}}}}, pair.world.now());
    for (std::uint32_t i = 0; i < 10; ++i) {
        ask(pair.west, pair.world, 1, 42 + i);
        pair.world.run_for(milliseconds(10));
    }
    CHECK(pair.world.traffic.empty());
    pair.west.kernel_waits = true;
    pair.world.run_for(seconds(1));
    CHECK(cancelled(pair.west) == 1);
}

TEST_CASE("on demand: what an operator took down is not raised by traffic, until up") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(1));
    const std::size_t sent = pair.world.traffic.size();
    ask(pair.west, pair.world, 1, 42);
    pair.world.run_for(seconds(60));
    CHECK(pair.world.traffic.size() == sent);
    // The peer may: it is answered.
    pair.east.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(passes_both_ways(pair));
    pair.east.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.connect());
}

TEST_CASE("on demand: an ACQUIRE for what is up and carries the packet asks nobody") {
    Pair pair;
    REQUIRE(pair.connect());
    const std::size_t sent = pair.world.traffic.size();
    ask(pair.west, pair.world, 1, 42);
    pair.west.kernel_waits = true;
    pair.world.run_for(seconds(1));
    CHECK(cancelled(pair.west) == 1);
    CHECK(pair.world.traffic.size() == sent);
}

// Both phase 2s of the responder lie within what the initiator asks for, the wrong one first.
TEST_CASE("on demand: the answer includes the packet that the initiator names first") {
    TunnelSpec spec;
    spec.local_subnets = {"10.1.0.0/16"};
    spec.remote_subnets = {"10.2.0.0/16"};
    config::Phase1 east = with_phase2s(spec.mirrored(), 2);
    const auto narrow = [&](std::size_t phase2, const char* local, const char* remote) {
        east.phase2s[phase2].selectors.local = {Subnet::from_text(local)->range()};
        east.phase2s[phase2].selectors.remote = {Subnet::from_text(remote)->range()};
    };
    narrow(0, "10.2.1.0/24", "10.1.1.0/24");
    narrow(1, "10.2.0.0/24", "10.1.0.0/24");
    Pair pair(spec.phase1(), east);
    ask(pair.west, pair.world, 1, 42);
    pair.world.run_for(seconds(1));
    CHECK(passes_both_ways(pair));
    CHECK(pair.east.last_event(ike::EventKind::child_sa_established)->phase2 ==
          east.phase2s[1].name);
}

// The peer takes one pair of addresses at a time: each packet that is not covered asks for more.
TEST_CASE("on demand: a narrowed phase 2 gets another Child SA for other traffic") {
    TunnelSpec spec;
    spec.local_subnets = {"10.1.0.0/24", "10.7.0.0/24"};
    TunnelSpec half = spec;
    half.local_subnets = {"10.1.0.0/24"};
    config::Phase1 east = half.mirrored().phase1();
    config::Phase2 second = east.phase2s[0];
    second.name = "second";
    second.selectors.remote = {Subnet::from_text("10.7.0.0/24").value().range()};
    east.phase2s.push_back(second);
    config::Phase1 west = spec.phase1();
    west.phase2s[0].initiator_ts_narrow = true;
    Pair pair(west, east);
    ask(pair.west, pair.world, 1, 42);
    pair.world.run_for(seconds(1));
    REQUIRE(pair.west.kernel.count_sas(xfrm::Direction::in) == 1);
    xfrm::Acquire other = acquire(1, 43);
    other.flow.source = Subnet::from_text("10.7.0.5/32").value();
    pair.west.handle(xfrm::Event{other}, pair.world.now());
    pair.world.run_for(seconds(10));
    CHECK(pair.west.kernel.count_sas(xfrm::Direction::in) == 2);
    CHECK(pair.east.kernel.count_sas(xfrm::Direction::in) == 2);
    CHECK(pair.west.engine().established_count() == 1);
}
