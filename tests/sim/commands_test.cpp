// Inputs that come at the wrong time or are about nothing that there is: commands, kernel events
// and kernel answers.
#include "sim/forgery.hpp"
#include "support/catch.hpp"
#include "support/invariants.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Nothing left the gateway, and nothing was asked of its kernel, since it was last looked at.
bool said_nothing(Gateway& gateway) {
    const bool silent = gateway.sent.empty() && gateway.waiting_requests.empty();
    gateway.sent.clear();
    gateway.waiting_requests.clear();
    return silent;
}

/// The kernel's answers to what waits are too short: this many results of each.
void answer_short(Gateway& gateway, std::size_t results, ike::Now now) {
    while (!gateway.waiting_requests.empty()) {
        const ike::KernelRequest request = std::move(gateway.waiting_requests.front());
        gateway.waiting_requests.pop_front();
        auto answer = gateway.kernel.run(request.operations);
        answer.resize(std::min(results, answer.size()));
        gateway.handle(ike::KernelReply{request.ticket, std::move(answer)}, now);
    }
}

}  // namespace

TEST_CASE("commands: for tunnels that are not there") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.west.kernel_waits = true;
    REQUIRE(said_nothing(pair.west));
    const ike::Now now = pair.world.now();
    pair.west.handle(ike::CommandUp{"nobody", ""}, now);
    pair.west.handle(ike::CommandDown{"nobody"}, now);
    pair.west.handle(ike::CommandRekey{"nobody", ""}, now);
    pair.west.handle(ike::CommandRekey{"tunnel", "nobody"}, now);
    pair.west.handle(ike::CommandReadCounters{"nobody"}, now);
    pair.west.handle(
        ike::TransmitFailed{{address("192.0.2.1"), 500}, {address("192.0.2.77"), 500}, 1}, now);
    CHECK_FALSE(pair.west.engine().tunnel("nobody"));
    CHECK(pair.west.engine().next_tunnel("") == "tunnel");
    CHECK_FALSE(pair.west.engine().next_tunnel("tunnel"));
    CHECK(said_nothing(pair.west));
}

TEST_CASE("commands: before the first configuration there is nothing to tell") {
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    CHECK_FALSE(west.engine().tunnel("tunnel"));
    CHECK_FALSE(west.engine().next_tunnel(""));
    west.handle(ike::CommandUp{"tunnel", ""}, world.now());
    west.handle(
        ike::DatagramReceived{{west.address, 500}, {address("192.0.2.2"), 500}, lone_call()},
        world.now());
    CHECK(said_nothing(west));
}

TEST_CASE("commands: what a predecessor left and the configuration does not want is deleted") {
    Pair pair;
    TunnelSpec other;
    other.local_subnets = {"10.9.0.0/24"};
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    west.kernel = std::move(pair.west.kernel);
    const auto left = west.kernel.dump_policies();
    REQUIRE(left.size() == 3);
    west.handle(ike::LeftBehind{left, {}}, world.now());
    west.configure({other.phase1()}, world.now());
    REQUIRE(west.kernel.policies().size() == 3);
    for (const xfrm::InstallPolicy& policy : west.kernel.policies())
        CHECK((policy.direction == xfrm::Direction::out
                   ? policy.selector.source
                   : policy.selector.destination) == *Subnet::from_text("10.9.0.0/24"));
}

TEST_CASE("commands: counters are read once in a second at most") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.world.run_for(seconds(2));
    pair.west.kernel_waits = true;
    for (const std::size_t expected : {1U, 0U}) {
        pair.west.handle(ike::CommandReadCounters{"tunnel"}, pair.world.now());
        CHECK(pair.west.waiting_requests.size() == expected);
        pair.west.answer_kernel(pair.world.now());
        pair.world.run_for(milliseconds(500));
    }
    pair.world.run_for(milliseconds(500));
    pair.west.handle(ike::CommandReadCounters{"tunnel"}, pair.world.now());
    CHECK(pair.west.waiting_requests.size() == 1);
}

TEST_CASE("commands: an engine that stops takes nothing new up") {
    Pair pair;
    REQUIRE(pair.connect());
    const Bytes call = lone_call();
    const auto config = pair.west.config();
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    CHECK(take_sent(pair.west).size() == 1);  // its DELETE
    pair.west.kernel_waits = true;
    const xfrm::Acquire flow = acquire(1, 1);
    const std::vector<ike::Input> inputs = [&] {
        std::vector<ike::Input> all;
        all.emplace_back(ike::ConfigApplied{config, {}});
        all.emplace_back(ike::CommandUp{"tunnel", ""});
        all.emplace_back(ike::CommandDown{"tunnel"});
        all.emplace_back(ike::CommandRekey{"tunnel", ""});
        all.emplace_back(ike::CommandReadCounters{"tunnel"});
        all.emplace_back(ike::NameResolved{1, "east.example", {address("192.0.2.2")}});
        all.emplace_back(ike::RoutesChanged{});
        all.emplace_back(ike::InterfacesChanged{{{"eth0", 2, 1500, true, {pair.west.address}}}});
        all.emplace_back(ike::KernelTables{true});
        all.emplace_back(xfrm::Event{flow});
        all.emplace_back(xfrm::Event{xfrm::StateUncertain{}});
        all.emplace_back(ike::CommandStop{});
        all.emplace_back(
            ike::DatagramReceived{{pair.west.address, 500}, {pair.east.address, 500}, call});
        return all;
    }();
    for (const ike::Input& input : inputs) {
        INFO("input " << input.index());
        pair.west.handle(input, pair.world.now());
        CHECK(said_nothing(pair.west));
    }
    CHECK(pair.west.engine().half_open_count() == 0);
}

TEST_CASE("commands: the kernel tells of SAs and packets that are nobody's") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.west.kernel_waits = true;
    REQUIRE(said_nothing(pair.west));
    const IpAddress here = pair.west.address;
    const Endpoint peer{pair.east.address, 4500};
    xfrm::Acquire nobodys = acquire(1, 1);
    nobodys.reqid = Reqid(7);
    for (const xfrm::Event& event : std::vector<xfrm::Event>{
             nobodys,
             xfrm::Expire{here, EspSpi(0x1000), Reqid(7), true},
             xfrm::Expire{here, EspSpi(0x1000), Reqid(7), false},
             xfrm::Mapping{here, EspSpi(0x1000), peer, {peer.address, 4501}},
         })
        pair.west.handle(event, pair.world.now());
    pair.west.handle(ike::KernelReply{Ticket(1'000'000), {}}, pair.world.now());
    pair.west.handle(ike::KernelTables{true}, pair.world.now());  // nobody has asked
    CHECK(said_nothing(pair.west));
    pair.west.kernel_waits = false;
    CHECK(passes_both_ways(pair));
}

TEST_CASE("F17 commands: a kernel that answers with fewer results than it was asked for") {
    for (const bool route_based : {false, true}) {
        for (const bool is_west : {true, false}) {
            for (std::size_t results = 0; results < 6; ++results) {
                INFO((is_west ? "west " : "east ") << results << (route_based ? " route" : ""));
                TunnelSpec spec;
                spec.auto_negotiate = true;
                spec.route_based = route_based;
                Pair pair(spec);
                Gateway& odd = is_west ? pair.west : pair.east;
                odd.kernel_waits = true;
                pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
                for (int i = 0; i < 10; ++i) {
                    pair.world.run_for(milliseconds(100));
                    answer_short(odd, results, pair.world.now());
                }
                odd.kernel_waits = false;
                odd.answer_kernel(pair.world.now());
                pair.world.run_for(seconds(60));
                // A route-based tunnel's packets come from its interface.
                CHECK(passes_both_ways(pair) != route_based);
                CHECK(pair.is_up());
            }
        }
    }
}
