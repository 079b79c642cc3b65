// Peers that are known by a name.
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;

namespace {

config::Phase1 by_name(const TunnelSpec& spec) {
    config::Phase1 phase1 = spec.phase1();
    phase1.type = config::GatewayType::ddns;
    phase1.remote_gateway.reset();
    phase1.remote_gateway_name = "hq.example.org";
    return phase1;
}

struct Named {
    explicit Named(const TunnelSpec& spec) : west(world.add("west", spec.local)) {
        west.names["hq.example.org"] = address("192.0.2.2");
        world.add("east", "192.0.2.2").configure({spec.mirrored().phase1()}, world.now());
        world.add("moved", "192.0.2.3").configure({spec.mirrored().phase1()}, world.now());
    }
    World world;
    Gateway& west;
};

}  // namespace

TEST_CASE("ddns: the name is asked for, then the peer is called") {
    TunnelSpec spec;
    Named net(spec);
    net.west.configure({by_name(spec)}, net.world.now());
    CHECK(net.west.names_asked == 0);
    net.west.handle(ike::CommandUp{"tunnel", ""}, net.world.now());
    net.world.run_for(seconds(1));
    CHECK(net.west.names_asked == 1);
    CHECK(net.west.kernel.count_sas(xfrm::Direction::in) == 1);
}

TEST_CASE("ddns: a name without an address is asked for again every five seconds") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Named net(spec);
    net.west.names.clear();
    net.west.configure({by_name(spec)}, net.world.now());
    net.world.run_for(seconds(11));
    CHECK(net.west.names_asked == 3);
    CHECK(net.world.traffic.empty());
    CHECK(net.west.reasons() == std::vector{Reason::name_not_resolved});
    CHECK(net.west.logged("hq.example.org has no address"));
    net.west.names["hq.example.org"] = address("192.0.2.2");
    net.world.run_for(seconds(5));
    CHECK(net.west.kernel.count_sas(xfrm::Direction::in) == 1);
}

TEST_CASE("ddns: each attempt asks again, and follows a peer that has moved") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Named net(spec);
    net.world.network.cut(address("192.0.2.1"), address("192.0.2.2"));
    net.west.configure({by_name(spec)}, net.world.now());
    net.world.run_for(seconds(10));
    net.west.names["hq.example.org"] = address("192.0.2.3");
    net.world.run_for(seconds(26));
    CHECK(net.west.names_asked == 2);
    CHECK(net.west.kernel.count_sas(xfrm::Direction::in) == 1);
    CHECK(net.world.gateways()[2]->kernel.count_sas(xfrm::Direction::in) == 1);
}

TEST_CASE("ddns: an answer that nobody waits for is dropped") {
    TunnelSpec spec;
    Named net(spec);
    net.west.configure({by_name(spec)}, net.world.now());
    for (std::uint64_t tunnel : {1U, 99U})
        net.west.handle(ike::NameResolved{tunnel, "hq.example.org", {address("192.0.2.2")}, {}},
                        net.world.now());
    net.world.run_for(seconds(10));
    CHECK(net.world.traffic.empty());
}

TEST_CASE("ddns: the peer may call, from where its name points and from elsewhere") {
    TunnelSpec spec;
    Named net(spec);
    net.west.configure({by_name(spec)}, net.world.now());
    net.west.handle(ike::CommandUp{"tunnel", ""}, net.world.now());
    net.world.run_for(seconds(1));
    net.west.handle(ike::CommandDown{"tunnel"}, net.world.now());
    net.world.run_for(seconds(1));
    for (std::size_t peer : {1U, 2U}) {
        Gateway& east = *net.world.gateways()[peer];
        east.handle(ike::CommandUp{"tunnel", ""}, net.world.now());
        net.world.run_for(seconds(1));
        CHECK(net.west.kernel.count_sas(xfrm::Direction::in) == 1);
        east.handle(ike::CommandDown{"tunnel"}, net.world.now());
        net.world.run_for(seconds(1));
    }
}

TEST_CASE("ddns: a new configuration with the same name keeps the address, one with another not") {
    TunnelSpec spec;
    for (const bool same_name : {true, false}) {
        INFO((same_name ? "the same name" : "another name"));
        Named net(spec);
        net.west.configure({by_name(spec)}, net.world.now());
        net.west.handle(ike::CommandUp{"tunnel", ""}, net.world.now());
        net.world.run_for(seconds(1));
        REQUIRE(net.west.kernel.count_sas(xfrm::Direction::in) == 1);
        config::Phase1 changed = by_name(spec);
        changed.keylife = seconds(7200);
        if (!same_name) changed.remote_gateway_name = "elsewhere.example.org";
        net.west.configure({changed}, net.world.now());
        net.world.run_for(seconds(1));
        CHECK((net.west.kernel.count_sas(xfrm::Direction::in) == 1) == same_name);
    }
}
