// Reloads at awkward moments: while something is negotiated, beside traffic that asks, with peers
// that dialled in, with tunnels that stand in for others.
#include <functional>

#include "sim/rekeying.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using Alter = std::function<void(config::Phase1&)>;

/// What a reload may do to the phase 2 that something is under way for.
struct NamedChange {
    const char* name;
    Alter apply;
};

const std::vector<NamedChange> reload_changes{
    {"nothing", [](config::Phase1&) {}},
    {"in place", [](config::Phase1& phase1) { phase1.dpd_retry_count = 5; }},
    {"rekey", [](config::Phase1& phase1) { phase1.phase2s[0].keylife = seconds(4000); }},
    {"new groups",
     [](config::Phase1& phase1) {
         phase1.phase2s[0].key_exchanges = {wire::KeyExchangeMethod::curve25519,
                                            wire::KeyExchangeMethod::ecp_256};
     }},
    {"rekey of all", [](config::Phase1& phase1) { phase1.esn = config::EsnPolicy::allow; }},
    {"restart of the phase 2",
     [](config::Phase1& phase1) {
         phase1.phase2s[0].selectors.local = {Subnet::from_text("10.1.0.0/25")->range()};
     }},
    {"restart", [](config::Phase1& phase1) { phase1.local_id = fqdn("west"); }},
    {"another name", [](config::Phase1& phase1) { phase1.phase2s[0].name = "other"; }},
    {"another name of the tunnel", [](config::Phase1& phase1) { phase1.name = "other"; }},
    {"another in front",
     [](config::Phase1& phase1) {
         config::Phase2 more = phase1.phase2s[0];
         more.name = "more";
         more.auto_negotiate = false;
         more.selectors.local = {Subnet::from_text("10.7.0.0/24")->range()};
         phase1.phase2s.insert(phase1.phase2s.begin(), more);
     }},
};

config::Phase1 restless_end(const TunnelSpec& spec) {
    config::Phase1 phase1 = spec.phase1();
    phase1.phase2s[0].auto_negotiate = phase1.phase2s[0].keepalive = spec.auto_negotiate;
    phase1.phase2s[0].pfs = true;
    phase1.phase2s[0].key_exchanges = {wire::KeyExchangeMethod::curve25519};
    return phase1;
}

TunnelSpec restless_spec() {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    return spec;
}

/// Reloads west when `delivered` datagrams of what `begin` starts have arrived; all is well later.
void play_moment(const NamedChange& change, std::size_t delivered, bool established,
                 const std::function<void(Pair&)>& begin) {
    INFO(change.name << " after " << delivered << " datagrams");
    Pair pair(restless_end(restless_spec()), restless_end(restless_spec().mirrored()), 7);
    if (established) {
        REQUIRE(pair.world.run_until([&] { return pair.is_up(); }));
        pair.world.run_for(seconds(1));
    }
    Violations violations;
    pair.world.after_each_event = [&] {
        for (std::string& violation : check_always(pair.world))
            violations.push_back(std::move(violation));
    };
    pair.west.kernel.after_each_operation = [&] {
        if (pair.west.kernel.outbound(there).fate == FakeKernel::Fate::clear)
            violations.emplace_back("a packet leaves in clear text between two operations");
    };
    begin(pair);
    for (std::size_t i = 0; i < delivered; ++i)
        pair.world.step();
    config::Phase1 phase1 = restless_end(restless_spec());
    change.apply(phase1);
    pair.west.configure({phase1}, pair.world.now());
    pair.world.run_for(seconds(150));
    CHECK(to_text(violations) == "");
    CHECK(to_text(check_quiet(pair.world)) == "");
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(passes_both_ways(pair));
    CHECK(to_text(check_nothing_in_clear(pair.west)) == "");
    pair.west.kernel.after_each_operation = nullptr;
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    CHECK(pair.west.kernel.empty());
}

}  // namespace

TEST_CASE("reload: in the middle of a first negotiation") {
    for (const NamedChange& change : reload_changes)
        for (std::size_t delivered = 0; delivered <= 4; ++delivered)
            play_moment(change, delivered, false, [](Pair&) {});
}

TEST_CASE("reload: in the middle of a rekey of a Child SA, of either end") {
    for (const NamedChange& change : reload_changes)
        for (std::size_t delivered = 0; delivered <= 4; ++delivered)
            for (const bool by_west : {true, false})
                play_moment(change, delivered, true, [by_west](Pair& pair) {
                    (by_west ? pair.west : pair.east)
                        .handle(ike::CommandRekey{"tunnel", "tunnel-net"}, pair.world.now());
                });
}

TEST_CASE("reload: in the middle of a rekey of the IKE SA, of either end") {
    for (const NamedChange& change : reload_changes)
        for (std::size_t delivered = 0; delivered <= 4; ++delivered)
            for (const bool by_west : {true, false})
                play_moment(change, delivered, true, [by_west](Pair& pair) {
                    (by_west ? pair.west : pair.east)
                        .handle(ike::CommandRekey{"tunnel", ""}, pair.world.now());
                });
}

TEST_CASE("reload: while the kernel has not answered, neither end waits for ever") {
    for (const NamedChange& change : reload_changes) {
        INFO(change.name);
        Rekeying pair(3, restless_end(restless_spec()), restless_end(restless_spec().mirrored()));
        pair.west.kernel_waits = true;
        pair.rekey_child(pair.east);
        pair.world.run_for(milliseconds(100));
        config::Phase1 phase1 = restless_end(restless_spec());
        change.apply(phase1);
        pair.west.configure({phase1}, pair.world.now());
        pair.west.kernel_waits = false;
        pair.west.answer_kernel(pair.world.now());
        pair.world.run_for(seconds(150));
        CHECK(to_text(check_always(pair.world)) == "");
        CHECK(to_text(check_quiet(pair.world)) == "");
        CHECK(passes_both_ways(pair));
        CHECK_FALSE(pair.east.logged("retransmission timeout"));
    }
}

TEST_CASE("reload: traffic that has asked for a tunnel on demand still gets it") {
    for (const NamedChange& change : reload_changes) {
        INFO(change.name);
        const TunnelSpec spec;
        Pair pair(restless_end(spec), restless_end(spec.mirrored()));
        CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::no_sa);
        config::Phase1 phase1 = restless_end(spec);
        change.apply(phase1);
        pair.west.configure({phase1}, pair.world.now());
        // A packet that was dropped is sent once more, by whoever sent it.
        for (int i = 0; i < 40; ++i) {
            pair.world.send(pair.west, pair.east, there);
            pair.world.run_for(seconds(1));
        }
        CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
        CHECK(pair.west.left_in_clear.empty());
        CHECK(to_text(check_quiet(pair.world)) == "");
    }
}

TEST_CASE("reload: peers that dialled in stay while their phase 1 and phase 2 do") {
    World world;
    Gateway& server = world.add("server", "192.0.2.1");
    TunnelSpec spec;
    config::Phase1 dial_up = with_phase2s(spec, 2);
    dial_up.type = config::GatewayType::dynamic;
    dial_up.remote_gateway.reset();
    server.configure({dial_up}, world.now());
    for (int i = 2; i <= 4; ++i) {
        TunnelSpec client;
        client.local = "192.0.2." + std::to_string(i);
        client.remote = "192.0.2.1";
        client.local_subnets = {"10.2.0." + std::to_string(16 * i) + "/28"};
        client.remote_subnets = {"10.1.0.0/24"};
        client.auto_negotiate = true;
        config::Phase1 phase1 = client.phase1();
        phase1.local_id = fqdn("client" + std::to_string(i));
        world.add("client", client.local).configure({phase1}, world.now());
    }
    world.run_for(seconds(5));
    REQUIRE(server.kernel.count_sas(xfrm::Direction::in) == 3);
    const auto spis = [&] {
        std::vector<EspSpi> all;
        for (const auto& [id, sa] : server.kernel.sas())
            all.push_back(id.spi);
        return all;
    };
    const auto before = spis();

    config::Phase1 changed = dial_up;
    changed.dpd_retry_interval = seconds(30);
    changed.phase2s.erase(changed.phase2s.begin() + 1);
    server.configure({changed}, world.now());
    CHECK(spis() == before);
    // They come to terms with new algorithms at their own next rekey: a server begins nothing.
    changed.phase2s[0].proposals.push_back(four_suites()[1].spec.esp[0]);
    server.configure({changed}, world.now());
    world.run_for(seconds(30));
    CHECK(spis() == before);

    changed.phase2s[0].selectors.local = {Subnet::from_text("10.1.0.0/25")->range()};
    server.configure({changed}, world.now());
    CHECK(server.kernel.empty());
    world.run_for(seconds(10));
    CHECK(server.kernel.count_sas(xfrm::Direction::in) == 3);
    CHECK(server.engine().established_count() == 3);
    server.configure({}, world.now());
    CHECK(server.kernel.empty());
    CHECK(to_text(check_always(world)) == "");
}

TEST_CASE("reload: backups learn whom they stand in for, and leave the others alone") {
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    const auto to = [&](const char* name, int number) {
        TunnelSpec spec;
        spec.name = name;
        spec.auto_negotiate = true;
        spec.remote = "192.0.2." + std::to_string(number);
        spec.remote_subnets = {"10." + std::to_string(number) + ".0.0/24"};
        world.add(name, spec.remote).configure({spec.mirrored().phase1()}, world.now());
        return spec.phase1();
    };
    const auto is_up = [&](int number) {
        return world.gateways()[static_cast<std::size_t>(number) - 1]->kernel.count_sas(
                   xfrm::Direction::in) > 0;
    };
    const config::Phase1 main = to("main", 2);
    config::Phase1 backup = to("backup", 3);
    west.configure({backup, main}, world.now());
    world.run_for(seconds(20));
    REQUIRE((is_up(2) && is_up(3)));
    const auto main_sas = [&] {
        std::vector<EspSpi> all;
        for (const auto& [id, sa] : world.gateways()[1]->kernel.sas())
            all.push_back(id.spi);
        return all;
    };
    const auto before = main_sas();

    backup.monitor = {"main"};
    west.configure({backup, main}, world.now());
    world.run_for(seconds(20));
    CHECK_FALSE(is_up(3));
    west.configure({backup, main}, world.now());
    world.run_for(seconds(20));
    CHECK_FALSE(is_up(3));
    CHECK(main_sas() == before);

    west.handle(ike::CommandDown{"main"}, world.now());
    world.run_for(seconds(5));
    CHECK(is_up(3));
    west.handle(ike::CommandUp{"main", ""}, world.now());
    world.run_for(seconds(5));
    CHECK_FALSE(is_up(3));
    backup.monitor.clear();
    west.configure({backup, main}, world.now());
    world.run_for(seconds(5));
    CHECK((is_up(2) && is_up(3)));
}

TEST_CASE("reload: becoming passive leaves it to the peer to come back, and back again") {
    Rekeying pair(1, restless_end(restless_spec()), restless_end(TunnelSpec{}.mirrored()));
    const EspSpi child = pair.west_child();
    config::Phase1 phase1 = restless_end(TunnelSpec{});
    phase1.passive = true;
    pair.west.configure({phase1}, pair.world.now());
    CHECK(pair.west.kernel.holds_only_standing());
    pair.world.run_for(seconds(30));
    CHECK(pair.east.kernel.holds_only_standing());
    CHECK(pair.east.reasons().back() == Reason::peer_deleted);
    pair.east.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(5));
    REQUIRE(pair.is_up());
    const EspSpi next = pair.west_child();
    CHECK(next != child);
    pair.west.configure({restless_end(restless_spec())}, pair.world.now());
    pair.world.run_for(seconds(5));
    CHECK(pair.west_child() == next);
}
