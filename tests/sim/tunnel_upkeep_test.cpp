// What a gateway does by itself, and what keeps it from doing it.
#include <algorithm>
#include <cerrno>

#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;
using wire::ExchangeType;

namespace {

using Reasons = std::vector<Reason>;

std::shared_ptr<config::Config> config_of(config::Phase1 phase1) {
    auto config = std::make_shared<config::Config>();
    config->phase1s.push_back(std::make_shared<const config::Phase1>(std::move(phase1)));
    return config;
}

void up(Gateway& gateway, const World& world) {
    gateway.handle(ike::CommandUp{"tunnel", ""}, world.now());
}

}  // namespace

TEST_CASE("upkeep: a route-based tunnel comes up by itself once its interface is there") {
    TunnelSpec spec;
    spec.auto_negotiate = spec.route_based = true;
    World world;
    Gateway& west = world.add("west", spec.local);
    Gateway& east = world.add("east", spec.remote);
    east.configure({spec.mirrored().phase1()}, world.now());
    west.kernel_waits = true;
    west.configure({spec.phase1()}, world.now());
    world.run_for(seconds(1));
    CHECK(world.traffic.empty());
    west.kernel_waits = false;
    west.answer_kernel(world.now());
    world.run_for(seconds(1));
    CHECK(west.kernel.count_sas(xfrm::Direction::in) == 1);
    REQUIRE(west.kernel.interfaces().contains("tunnel"));
    const IfId if_id = west.kernel.interfaces().at("tunnel").if_id;
    const Packet packet{*IpAddress::from_text("10.1.0.5"), *IpAddress::from_text("10.2.0.9")};
    CHECK(would_pass(west.kernel, if_id, east.kernel, packet));
    CHECK_FALSE(would_pass(west.kernel, IfId{}, east.kernel, packet));
}

TEST_CASE("upkeep: without its interface a route-based tunnel is not started, and says why") {
    TunnelSpec spec;
    spec.route_based = true;
    World world;
    Gateway& west = world.add("west", spec.local);
    west.kernel.refuse(0, EEXIST, "somebody has that name");
    west.configure({spec.phase1()}, world.now());
    CHECK(message_of(west, Reason::kernel_refused).find("somebody has that name") !=
          std::string::npos);
    up(west, world);
    CHECK(west.reasons() == Reasons{Reason::kernel_refused, Reason::kernel_refused});
    CHECK(west.sent.empty());
    west.handle(ike::CommandStop{}, world.now());
    CHECK(west.engine().stopped());
}

TEST_CASE("upkeep: an algorithm that the kernel lacks is not offered") {
    TunnelSpec spec;
    spec.esp = {four_suites()[0].spec.esp[0], four_suites()[1].spec.esp[0]};
    Pair pair(spec);
    pair.west.handle(ike::ConfigApplied{config_of(spec.phase1()), {spec.esp[0]}}, pair.world.now());
    REQUIRE(pair.connect());
    CHECK(pair.west.logged("IPsec SA established: aes256-sha256"));
}

TEST_CASE("upkeep: a phase 2 that the kernel can do nothing of is not started") {
    TunnelSpec spec;
    Pair pair(spec);
    pair.west.handle(ike::ConfigApplied{config_of(spec.phase1()), spec.esp}, pair.world.now());
    up(pair.west, pair.world);
    CHECK(pair.west.reasons() == Reasons{Reason::kernel_refused});
    CHECK(pair.west.sent.empty());
}

TEST_CASE("upkeep: a passive gateway never calls, but answers") {
    TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.passive = true;
    Pair pair(spec.phase1(), east);
    up(pair.east, pair.world);
    CHECK(pair.east.reasons() == Reasons{Reason::passive_mode});
    CHECK(pair.east.sent.empty());
    CHECK(pair.connect());
}

TEST_CASE("upkeep: without an address of the family nothing is sent, and the log names it") {
    TunnelSpec spec;
    Pair pair(spec);
    pair.west.handle(ike::InterfacesChanged{{{"eth0", 2, 1500, true, {}}}}, pair.world.now());
    up(pair.west, pair.world);
    CHECK(pair.west.reasons() == Reasons{Reason::local_address_missing});
    CHECK(pair.west.logged("eth0"));
    CHECK(pair.west.sent.empty());
}

TEST_CASE("upkeep: up once more while negotiating or up does nothing") {
    Pair pair;
    up(pair.west, pair.world);
    up(pair.west, pair.world);
    CHECK(pair.west.sent.size() == 1);
    REQUIRE(pair.connect());
    const std::size_t sent = pair.world.traffic.size();
    up(pair.west, pair.world);
    pair.world.run_for(seconds(10));
    CHECK(pair.world.traffic.size() == sent);
}

// A peer that reflects our own messages must not make us prove ourselves to ourselves
// (RFC 7296 section 2.15).
TEST_CASE("upkeep: our own first message, sent back to us, is not answered") {
    Pair pair;
    up(pair.west, pair.world);
    const Bytes call = take_sent(pair.west).at(0);
    give(pair, pair.west, call);
    CHECK(pair.west.sent.empty());
    CHECK(pair.west.engine().half_open_count() == 1);
}

// FortiOS keeps the IKE SA up on its own (fortios.md 5.2).
TEST_CASE("upkeep: an IKE SA without a Child SA stays") {
    TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.phase2s[0].proposals = four_suites()[1].spec.esp;
    Pair pair(spec.phase1(), east);
    up(pair.west, pair.world);
    pair.world.run_for(seconds(150));
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(pair.east.engine().established_count() == 1);
    CHECK(pair.west.kernel.sas().empty());
}

TEST_CASE("upkeep: octets used up on the outbound SA end the child at both ends") {
    Pair pair;
    REQUIRE(pair.connect());
    const auto outbound = std::ranges::find_if(pair.west.kernel.sas(), [](const auto& entry) {
        return entry.second.install.direction == xfrm::Direction::out;
    });
    const auto expire = pair.west.kernel.expire(outbound->first, true);
    REQUIRE(expire);
    pair.west.handle(xfrm::Event{*expire}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.east.kernel.holds_only_standing());
    CHECK(pair.connect());
}

TEST_CASE("upkeep: two tunnels never share a policy: the second is refused") {
    TunnelSpec spec;
    TunnelSpec second = spec;
    second.name = "second";
    second.remote = "192.0.2.3";
    World world;
    Gateway& west = world.add("west", spec.local);
    Gateway& east = world.add("east", spec.remote);
    Gateway& north = world.add("north", second.remote);
    west.configure({spec.phase1(), second.phase1()}, world.now());
    east.configure({spec.mirrored().phase1()}, world.now());
    north.configure({second.mirrored().phase1()}, world.now());
    up(west, world);
    world.run_for(seconds(1));
    west.handle(ike::CommandUp{"second", ""}, world.now());
    world.run_for(seconds(1));
    CHECK(west.reasons().front() == Reason::traffic_selectors_unacceptable);
    CHECK(north.reasons().back() == Reason::peer_deleted);
    CHECK(north.kernel.holds_only_standing());
    CHECK(west.kernel.sas().size() == 2);
    const Packet packet{*IpAddress::from_text("10.1.0.5"), *IpAddress::from_text("10.2.0.9")};
    CHECK(would_pass(west.kernel, IfId{}, east.kernel, packet));
}

TEST_CASE("upkeep: keys are logged only if that was asked for") {
    TunnelSpec spec;
    World world;
    Gateway& west = world.add("west", spec.local);
    Gateway& east = world.add("east", spec.remote, {.log_keys = true});
    west.configure({spec.phase1()}, world.now());
    east.configure({spec.mirrored().phase1()}, world.now());
    up(west, world);
    world.run_for(seconds(1));
    CHECK(west.key_logs.empty());
    CHECK(east.key_logs.size() == 1);
}
