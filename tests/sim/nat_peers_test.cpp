// Several peers behind one NAT: one address, a port each.
#include <algorithm>

#include "sim/nat_pair.hpp"
#include "support/catch.hpp"
#include "support/invariants.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;

namespace {

/// Two gateways behind 192.0.2.1 call a third, which serves 10.2.0.0/24.
struct Crowd {
    explicit Crowd(std::vector<config::Phase1> served,
                   const std::string& second_net = "10.3.0.0/24")
        : first(world.add("first", "192.168.1.2")),
          second(world.add("second", "192.168.1.3")),
          server(world.add("server", "192.0.2.2")),
          nat(world.network.add_nat("192.0.2.1")) {
        nat.put_behind(first.address);
        nat.put_behind(second.address);
        server.configure(std::move(served), world.now());
        first.configure({client("10.1.0.0/24", "first")}, world.now());
        second.configure({client(second_net, "second")}, world.now());
    }

    static config::Phase1 client(const std::string& net, const std::string& name) {
        TunnelSpec spec;
        spec.local_subnets = {net};
        config::Phase1 phase1 = spec.phase1();
        phase1.local_id = fqdn(name);
        return phase1;
    }

    void up(Gateway& gateway) {
        gateway.handle(ike::CommandUp{"tunnel", ""}, world.now());
        world.run_for(seconds(1));
    }

    bool carries(Gateway& client, const char* host) {
        const Packet out{address(host), address("10.2.0.9")};
        const Packet in{out.destination, out.source};
        return world.send(client, server, out) == PacketFate::delivered &&
               world.send(server, client, in) == PacketFate::delivered;
    }

    World world;
    Gateway& first;
    Gateway& second;
    Gateway& server;
    Nat& nat;
};

/// One entry for whoever calls.
std::vector<config::Phase1> dial_up() {
    TunnelSpec spec;
    spec.local = "192.0.2.2";
    spec.local_subnets = {"10.2.0.0/24"};
    spec.remote_subnets = {"10.0.0.0/8"};
    config::Phase1 phase1 = spec.phase1();
    make_dial_up(phase1);
    return {phase1};
}

config::Phase1 entry_for(const std::string& name, const std::string& net) {
    TunnelSpec spec;
    spec.name = "to-" + name;
    spec.local = "192.0.2.2";
    spec.remote = "192.0.2.1";
    spec.local_subnets = {"10.2.0.0/24"};
    spec.remote_subnets = {net};
    config::Phase1 phase1 = spec.phase1();
    phase1.peer_type = config::PeerType::one;
    phase1.peer_id = fqdn(name);
    return phase1;
}

}  // namespace

TEST_CASE("NAT: two peers behind one, with a dial-up server") {
    Crowd crowd(dial_up());
    crowd.up(crowd.first);
    crowd.up(crowd.second);
    CHECK(crowd.carries(crowd.first, "10.1.0.5"));
    CHECK(crowd.carries(crowd.second, "10.3.0.5"));
    // Both began with INITIAL_CONTACT, and each means itself alone.
    CHECK(crowd.server.engine().established_count() == 2);
    crowd.world.run_for(seconds(60));
    CHECK(crowd.carries(crowd.first, "10.1.0.5"));
    CHECK(crowd.carries(crowd.second, "10.3.0.5"));
    CHECK(to_text(check_quiet(crowd.world)) == "");
}

TEST_CASE("NAT: two peers behind one, each with an entry that knows its peerid") {
    Crowd crowd({entry_for("first", "10.1.0.0/24"), entry_for("second", "10.3.0.0/24")});
    crowd.up(crowd.first);
    crowd.up(crowd.second);
    CHECK(crowd.carries(crowd.first, "10.1.0.5"));
    CHECK(crowd.carries(crowd.second, "10.3.0.5"));
    CHECK(crowd.server.engine().established_count() == 2);
}

TEST_CASE("NAT: of two peers behind one, the end of one does not touch the other") {
    Crowd crowd(dial_up());
    crowd.up(crowd.first);
    crowd.up(crowd.second);
    crowd.first.handle(ike::CommandDown{"tunnel"}, crowd.world.now());
    crowd.world.run_for(seconds(5));
    CHECK_FALSE(crowd.carries(crowd.first, "10.1.0.5"));
    CHECK(crowd.carries(crowd.second, "10.3.0.5"));
}

TEST_CASE("NAT: of two peers behind one, the second does not get the traffic of the first") {
    Crowd crowd(dial_up(), "10.1.0.0/24");
    crowd.up(crowd.first);
    crowd.up(crowd.second);
    CHECK(crowd.carries(crowd.first, "10.1.0.5"));
    CHECK_FALSE(crowd.carries(crowd.second, "10.1.0.5"));
    CHECK(message_of(crowd.server, ike::Reason::traffic_selectors_unacceptable)
              .find("has traffic for") != std::string::npos);
}

TEST_CASE(
    "B07 NAT: of two peers behind one, the second does not get a part of the first's traffic") {
    for (const char* part : {"10.1.0.128/25", "10.0.0.0/8"}) {
        Crowd crowd(dial_up(), part);
        crowd.up(crowd.first);
        crowd.up(crowd.second);
        CHECK(crowd.carries(crowd.first, "10.1.0.200"));
        CHECK_FALSE(crowd.carries(crowd.second, "10.1.0.200"));
    }
}

// An SA in the kernel has one selector: one for two networks would cover what lies between them.
TEST_CASE("B07 NAT: a peer behind one does not send from the networks between its own") {
    Crowd crowd(dial_up());
    TunnelSpec wide;
    wide.local_subnets = {"10.1.0.0/24", "10.200.0.0/24"};
    config::Phase1 phase1 = wide.phase1();
    phase1.local_id = fqdn("first");
    crowd.first.configure({phase1}, crowd.world.now());
    crowd.up(crowd.first);
    crowd.up(crowd.second);
    CHECK(crowd.carries(crowd.first, "10.1.0.5"));
    CHECK(crowd.carries(crowd.second, "10.3.0.5"));
    const auto check_selectors = [&] {
        std::vector<std::string> sources;
        for (const auto& [id, sa] : crowd.server.kernel.sas())
            if (sa.install.direction == xfrm::Direction::in && sa.install.selector)
                sources.push_back(sa.install.selector->source.to_text());
        std::ranges::sort(sources);
        CHECK(sources == std::vector<std::string>{"10.1.0.0/24", "10.3.0.0/24"});
    };
    check_selectors();
    crowd.server.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, crowd.world.now());
    crowd.world.run_for(seconds(60));
    CHECK(crowd.carries(crowd.first, "10.1.0.5"));
    check_selectors();
}

TEST_CASE("NAT: a peer that comes back behind one takes its own place, through another port") {
    Crowd crowd(dial_up());
    crowd.up(crowd.first);
    crowd.up(crowd.second);
    crowd.world.reboot(crowd.first, seconds(5));
    crowd.nat.restart();
    crowd.world.run_for(seconds(6));
    crowd.up(crowd.first);
    crowd.world.run_for(seconds(10));
    CHECK(crowd.carries(crowd.first, "10.1.0.5"));
    CHECK(crowd.carries(crowd.second, "10.3.0.5"));
    CHECK(crowd.server.engine().established_count() == 2);
}

TEST_CASE("NAT: a NAT with two peers is restarted, and both go on") {
    Crowd crowd(dial_up());
    crowd.up(crowd.first);
    crowd.up(crowd.second);
    crowd.nat.restart();
    CHECK(crowd.carries(crowd.second, "10.3.0.5"));
    CHECK(crowd.carries(crowd.first, "10.1.0.5"));
    CHECK(crowd.carries(crowd.second, "10.3.0.5"));
}
