// Reloads that take something down, and bring it or something else up.
#include <algorithm>
#include <cerrno>

#include "sim/reloads.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using xfrm::Direction;

TEST_CASE("reload: a restart ends the peer's SAs too, and keeps numbers and the interface") {
    TunnelSpec spec;
    spec.route_based = spec.auto_negotiate = true;
    World world;
    Gateway& west = world.add("west", spec.local);
    Gateway& east = world.add("east", spec.remote);
    TunnelSpec theirs = spec.mirrored();
    theirs.route_based = false;
    east.configure({theirs.phase1()}, world.now());
    west.configure({spec.phase1()}, world.now());
    world.run_for(seconds(1));
    REQUIRE(west.kernel.count_sas(Direction::in) == 1);
    const Reqid reqid = west.kernel.sas().begin()->second.install.reqid;
    const IfId if_id = west.kernel.sas().begin()->second.install.if_id;
    const auto policies = west.kernel.policies();

    config::Phase1 phase1 = spec.phase1();
    phase1.psk = phase1.psk_remote = std::make_shared<const Secret>(as_bytes("another secret"));
    config::Phase1 other_end = theirs.phase1();
    other_end.psk = other_end.psk_remote = phase1.psk;
    east.configure({other_end}, world.now());
    west.configure({phase1}, world.now());
    CHECK(west.kernel.sas().empty());
    // Nothing leaks meanwhile: the traps are what they were.
    CHECK(west.kernel.policies().size() == policies.size());
    CHECK(west.kernel.interfaces().size() == 1);
    world.run_for(seconds(40));  // both ends begin anew, and the surplus goes
    REQUIRE(west.kernel.count_sas(Direction::in) == 1);
    CHECK(east.kernel.count_sas(Direction::in) == 1);
    CHECK(west.engine().established_count() == 1);
    const xfrm::InstallSa& fresh = west.kernel.sas().begin()->second.install;
    CHECK(fresh.reqid == reqid);
    CHECK(fresh.if_id == if_id);
    for (const xfrm::InstallPolicy& policy : policies)
        CHECK(std::ranges::count(west.kernel.policies(), policy.index,
                                 &xfrm::InstallPolicy::index) == 1);
    CHECK(west.events.end() !=
          std::ranges::find(west.events, "phase 1 tunnel is changed (restart): psksecret changed",
                            &ike::Event::message));
}

TEST_CASE("reload: another underlay changes the interface in its place, with its number") {
    TunnelSpec spec;
    spec.route_based = true;
    World world;
    Gateway& west = world.add("west", spec.local);
    west.handle(ike::InterfacesChanged{{{"eth0", 2, 1500, true, {west.address}},
                                        {"eth1", 3, 1400, true, {address("192.0.2.7")}}}},
                world.now());
    west.configure({spec.phase1()}, world.now());
    const xfrm::CreateInterface before = west.kernel.interfaces().at("tunnel");
    config::Phase1 phase1 = spec.phase1();
    phase1.interface = "eth1";
    west.kernel.after_each_operation = [&] { CHECK(west.kernel.interfaces().size() == 1); };
    west.configure({phase1}, world.now());
    const xfrm::CreateInterface after = west.kernel.interfaces().at("tunnel");
    CHECK(after.if_id == before.if_id);
    CHECK(after.underlay_index == 3);
    CHECK(after.mtu < before.mtu);
    CHECK(west.kernel.policies().size() == 3);
    CHECK(west.kernel.policies()[0].if_id == before.if_id);
}

TEST_CASE("reload: an interface that could not be had is asked for again") {
    TunnelSpec spec;
    spec.route_based = true;
    World world;
    Gateway& west = world.add("west", spec.local);
    west.kernel.refuse(0, EEXIST, "somebody has that name");
    west.configure({spec.phase1()}, world.now());
    REQUIRE(west.kernel.interfaces().empty());
    west.configure({spec.phase1()}, world.now());
    CHECK(west.kernel.interfaces().size() == 1);
}

TEST_CASE("reload: a phase 2 comes, goes and changes alone, whatever its place") {
    Loaded pair;
    pair.ping(milliseconds(1));
    const auto first = pair.spis(0);
    const IkeSpi ike_sa = pair.west_ike_sa();
    const config::Phase1 two = Loaded::west_phase1();
    config::Phase1 one = two;
    one.phase2s.pop_back();
    reload_watched(pair.west, {one}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.phase2s_up() == 1);
    CHECK(pair.east.reasons().back() == Reason::peer_deleted);

    // It comes back in front of the other one, and by itself.
    config::Phase1 turned = two;
    std::swap(turned.phase2s[0], turned.phase2s[1]);
    turned.phase2s[0].auto_negotiate = true;
    reload_watched(pair.west, {turned}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.phase2s_up() == 2);
    CHECK(pair.spis(1) == first);

    // A change of its selectors is a change of it alone; the peer has to agree.
    config::Phase1 narrow = turned;
    narrow.phase2s[0].selectors.local = {Subnet::from_text("10.1.1.0/25")->range()};
    reload_watched(pair.west, {narrow}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.phase2s_up() == 2);
    CHECK(pair.spis(1) == first);
    CHECK(pair.west_ike_sa() == ike_sa);
    pair.stop_pings();
    CHECK(pair.lost() == 0);
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    CHECK(pair.west.kernel.empty());
}

TEST_CASE("reload: packets find a policy between any two operations of the kernel") {
    Loaded pair;
    const Packet second{address("10.1.1.5"), address("10.2.1.9")};
    std::size_t in_clear = 0;
    pair.west.kernel.after_each_operation = [&] {
        for (const Packet& packet : {there, second})
            if (pair.west.kernel.outbound(packet).fate == FakeKernel::Fate::clear) ++in_clear;
    };
    const auto reload = [&](const std::vector<config::Phase1>& phase1s) {
        pair.west.configure(phase1s, pair.world.now());
        pair.world.run_for(seconds(2));
        CHECK(in_clear == 0);
    };
    // Selectors go to another phase 2, to another tunnel, and become wider and narrower.
    config::Phase1 phase1 = Loaded::west_phase1();
    std::swap(phase1.phase2s[0].selectors, phase1.phase2s[1].selectors);
    reload({phase1});
    phase1.name = "renamed";
    reload({phase1});
    phase1.phase2s[0].selectors.local = {Subnet::from_text("10.1.0.0/23")->range()};
    phase1.phase2s[0].selectors.remote = {Subnet::from_text("10.2.0.0/23")->range()};
    phase1.phase2s.pop_back();
    reload({phase1});
    reload({Loaded::west_phase1()});
    // What is gone is gone.
    pair.west.kernel.after_each_operation = nullptr;
    phase1 = Loaded::west_phase1();
    phase1.phase2s.pop_back();
    pair.west.configure({phase1}, pair.world.now());
    CHECK(pair.west.kernel.outbound(second).fate == FakeKernel::Fate::clear);
    CHECK(pair.west.kernel.outbound(there).fate != FakeKernel::Fate::clear);
}

TEST_CASE("reload: the last phase 2 of a tunnel goes, and another one comes") {
    Rekeying pair;
    config::Phase1 phase1 = TunnelSpec{}.phase1();
    const config::Phase2 phase2 = phase1.phase2s[0];
    phase1.phase2s.clear();
    pair.west.configure({phase1}, pair.world.now());
    CHECK(pair.west.kernel.empty());
    pair.world.run_for(seconds(1));
    phase1.phase2s = {phase2};
    phase1.phase2s[0].name = "renamed";
    phase1.phase2s[0].auto_negotiate = true;
    pair.west.configure({phase1}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(passes_both_ways(pair));
}

TEST_CASE("reload: back and forth leaves nothing behind") {
    Loaded pair;
    const config::Phase1 two = Loaded::west_phase1();
    config::Phase1 other = two;
    other.phase2s[0].name = "renamed";
    other.phase2s[1].proposals = four_suites()[1].spec.esp;
    config::Phase1 moved = two;
    moved.remote_gateway = address("192.0.2.9");
    for (int i = 0; i < 4; ++i) {
        for (const config::Phase1& phase1 : {other, two, moved, two}) {
            pair.west.configure({phase1}, pair.world.now());
            pair.west.configure({two}, pair.world.now());
        }
        pair.world.run_for(milliseconds(700));
    }
    pair.world.run_for(seconds(120));
    for (const char* name : {"tunnel-net", "tunnel-net-1"})
        pair.west.handle(ike::CommandUp{"tunnel", name}, pair.world.now());
    pair.world.run_for(seconds(10));
    CHECK(passes_both_ways(pair));
    CHECK(to_text(check_converged(pair.west, pair.east)) == "");
    CHECK(to_text(check_quiet(pair.world)) == "");
}

TEST_CASE("reload: an operator's down holds, also through a restart") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Rekeying pair(1, spec);
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(1));
    config::Phase1 phase1 = spec.phase1();
    phase1.local_id = fqdn("west");
    pair.west.configure({phase1}, pair.world.now());
    pair.world.run_for(seconds(30));
    CHECK(pair.west.kernel.holds_only_standing());
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(passes_both_ways(pair));
}
