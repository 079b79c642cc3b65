// Configured tunnels that are down: nothing leaves in clear text, and the first packet asks for
// them.
#include <algorithm>
#include <cerrno>

#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;
using Fate = FakeKernel::Fate;

namespace {

IpAddress ip(const char* text) {
    return *IpAddress::from_text(text);
}

const Packet packet{ip("10.1.0.5"), ip("10.2.0.9")};

ike::InterfacesChanged eth0(std::vector<IpAddress> addresses) {
    return {{{"eth0", 2, 1500, true, std::move(addresses)}}};
}

const xfrm::InstallPolicy& outbound_policy(const Gateway& gateway) {
    return *std::ranges::find(gateway.kernel.policies(), xfrm::Direction::out,
                              &xfrm::InstallPolicy::direction);
}

xfrm::InstallPolicy foreign_policy(xfrm::Direction direction) {
    xfrm::InstallPolicy policy;
    policy.direction = direction;
    policy.selector = {*Subnet::from_text("10.1.0.0/24"), *Subnet::from_text("10.2.0.0/24")};
    if (direction != xfrm::Direction::out)
        std::swap(policy.selector.source, policy.selector.destination);
    policy.replace = false;
    return policy;
}

}  // namespace

TEST_CASE("standing policies: before, between and after, no packet leaves in clear text") {
    Pair pair;
    const auto fate = [&] { return pair.west.kernel.outbound(packet).fate; };
    CHECK(fate() == Fate::no_sa);
    REQUIRE(pair.connect());
    CHECK(fate() == Fate::protected_);
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    CHECK(fate() == Fate::no_sa);
    pair.world.run_for(seconds(5));
    CHECK(pair.east.kernel.outbound({packet.destination, packet.source}).fate == Fate::no_sa);
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    CHECK(fate() == Fate::clear);
    CHECK(pair.west.kernel.empty());
}

TEST_CASE("standing policies: the first packet's ACQUIRE names the phase 2 by its reqid") {
    Pair pair;
    const auto sent = pair.west.kernel.send(packet, IfId{}, pair.world.now().boottime);
    REQUIRE(sent.acquire);
    CHECK(xfrm::is_own(sent.acquire->reqid));
    CHECK(sent.acquire->source == ip("192.0.2.1"));
    CHECK(sent.acquire->destination == ip("192.0.2.2"));
    REQUIRE(pair.connect());
    CHECK(pair.west.kernel.larvals().empty());
    CHECK(pair.west.kernel.sas().begin()->second.install.reqid == sent.acquire->reqid);
}

TEST_CASE("standing policies: passive tunnels have them too") {
    config::Phase1 west = TunnelSpec{}.phase1();
    west.passive = true;
    Pair pair(west, TunnelSpec{}.mirrored().phase1());
    CHECK(pair.west.kernel.outbound(packet).fate == Fate::no_sa);
}

TEST_CASE("standing policies: a route-based tunnel's are on its interface") {
    TunnelSpec spec;
    spec.route_based = true;
    Pair pair(spec.phase1(), TunnelSpec{}.mirrored().phase1());
    const IfId if_id = pair.west.kernel.interfaces().at("tunnel").if_id;
    CHECK(pair.west.kernel.outbound(packet, if_id).fate == Fate::no_sa);
    CHECK(pair.west.kernel.outbound(packet).fate == Fate::clear);
    REQUIRE(pair.connect());
    CHECK(pair.west.kernel.outbound(packet, if_id).fate == Fate::protected_);
}

TEST_CASE("standing policies: a route-based tunnel without its interface has none") {
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    west.kernel.refuse(0, EPERM, "no");
    TunnelSpec spec;
    spec.route_based = true;
    west.configure({spec.phase1()}, world.now());
    CHECK(west.kernel.empty());
}

TEST_CASE("standing policies: transport mode, every phase 2, and none for dial-up servers") {
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    config::Phase1 phase1 = TunnelSpec{}.phase1();
    config::Phase2 second = phase1.phase2s[0];
    second.name = "host";
    second.encapsulation = config::Encapsulation::transport;
    second.selectors.remote = {Subnet::from_text("10.9.0.0/16")->range()};
    phase1.phase2s.push_back(second);
    west.configure({phase1}, world.now());
    CHECK(west.kernel.policies().size() == 3 + 2);
    CHECK(west.kernel.outbound({packet.source, ip("10.9.0.1")}).fate == Fate::no_sa);

    phase1.type = config::GatewayType::dynamic;
    phase1.remote_gateway.reset();
    west.configure({phase1}, world.now());
    CHECK(west.kernel.empty());
}

TEST_CASE("standing policies: packets are blocked until both ends' addresses are known") {
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    west.handle(eth0({}), world.now());
    west.configure({TunnelSpec{}.phase1()}, world.now());
    CHECK(west.kernel.outbound(packet).fate == Fate::blocked);
    CHECK(west.kernel.policies().size() == 1);
    west.handle(eth0({ip("192.0.2.1")}), world.now());
    CHECK(west.kernel.outbound(packet).fate == Fate::no_sa);
    CHECK(west.kernel.policies().size() == 3);

    config::Phase1 by_name = TunnelSpec{}.phase1();
    by_name.type = config::GatewayType::ddns;
    by_name.remote_gateway.reset();
    west.configure({by_name}, world.now());
    CHECK(west.kernel.outbound(packet).fate == Fate::blocked);
    west.handle(ike::CommandStop{}, world.now());
    CHECK(west.kernel.empty());
}

TEST_CASE("standing policies: they follow the local address, and stay while there is none") {
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    west.configure({TunnelSpec{}.phase1()}, world.now());
    const PolicyIndex index = outbound_policy(west).index;
    west.handle(eth0({}), world.now());
    CHECK(outbound_policy(west).tmpl->source == ip("192.0.2.1"));
    west.handle(eth0({ip("192.0.2.7")}), world.now());
    CHECK(outbound_policy(west).tmpl->source == ip("192.0.2.7"));
    CHECK(outbound_policy(west).index == index);
    CHECK(west.kernel.policies().size() == 3);
    west.handle(ike::CommandStop{}, world.now());
    CHECK(west.kernel.empty());
}

TEST_CASE("standing policies: somebody else's policy stays, is told, and keeps the phase 2 down") {
    for (const auto direction :
         {xfrm::Direction::in, xfrm::Direction::out, xfrm::Direction::forward}) {
        World world;
        Gateway& west = world.add("west", "192.0.2.1");
        std::vector<xfrm::Operation> operations;
        operations.emplace_back(foreign_policy(direction));
        west.kernel.run(operations);
        west.configure({TunnelSpec{}.phase1()}, world.now());
        REQUIRE(west.kernel.policies().size() == 1);
        CHECK_FALSE(west.kernel.policies().front().tmpl);
        const ike::Event* told = west.last_event(ike::EventKind::kernel_refused);
        REQUIRE(told != nullptr);
        CHECK(told->phase1 == "tunnel");
        CHECK(told->phase2 == "tunnel-net");
        CHECK(told->message.find("policy 10.") != std::string::npos);
        CHECK(told->message.find("EEXIST") != std::string::npos);
        west.handle(ike::CommandStop{}, world.now());
        CHECK(west.kernel.policies().size() == 1);
    }
}

TEST_CASE("standing policies: what the kernel refused once can still be had by the tunnel") {
    Pair pair;
    pair.west.configure({}, pair.world.now());
    pair.west.kernel.refuse(2, ENOMEM, "words");
    pair.west.configure({TunnelSpec{}.phase1()}, pair.world.now());
    CHECK(pair.west.kernel.policies().empty());
    CHECK(pair.west.logged("ENOMEM: words"));
    CHECK(pair.connect());
    CHECK(passes_both_ways(pair));
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    CHECK(pair.west.kernel.policies().empty());
}

TEST_CASE("standing policies: of two phase 2s with one selector the second is told of the first") {
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    TunnelSpec first;
    TunnelSpec second;
    second.name = "second";
    second.remote = "192.0.2.3";
    west.configure({first.phase1(), second.phase1()}, world.now());
    CHECK(west.kernel.policies().size() == 3);
    CHECK(message_of(west, Reason::traffic_selectors_unacceptable) ==
          "phase 2 tunnel-net of tunnel has the traffic of phase 2 second-net already");
    CHECK(west.last_event(ike::EventKind::child_sa_failed)->phase1 == "second");
    west.handle(ike::CommandStop{}, world.now());
    CHECK(west.kernel.empty());
}

TEST_CASE("standing policies: a tunnel that takes the place of another one takes its policies") {
    Pair pair;
    for (const char* name : {"other", "tunnel", "third"}) {
        TunnelSpec spec;
        spec.name = name;
        pair.west.configure({spec.phase1()}, pair.world.now());
        CHECK(pair.west.kernel.holds_only_standing());
        CHECK(pair.west.kernel.policies().size() == 3);
        CHECK(pair.west.kernel.outbound(packet).fate == Fate::no_sa);
        CHECK(pair.west.last_event(ike::EventKind::kernel_refused) == nullptr);
        pair.west.handle(ike::CommandUp{name, ""}, pair.world.now());
        CHECK(pair.world.run_until([&] { return pair.is_up(); }));
        pair.world.run_for(seconds(5));
    }
}
