// A reload touches what has changed, and nothing else: what takes effect in place or by a rekey.
#include <fmt/format.h>

#include <algorithm>

#include "config/diff.hpp"
#include "sim/reloads.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using xfrm::Direction;

namespace {

/// The tunnel number `i` of two gateways that have many, told apart by west's identity.
config::Phase1 one_of_many(std::size_t i, bool west) {
    TunnelSpec spec;
    spec.name = fmt::format("t{:05}", i);
    spec.local_subnets = {fmt::format("10.{}.{}.0/24", 100 + i / 250, i % 250)};
    spec.auto_negotiate = true;
    config::Phase1 phase1 = west ? spec.phase1() : spec.mirrored().phase1();
    if (west) {
        phase1.local_id = fqdn(spec.name);
    } else {
        phase1.peer_type = config::PeerType::one;
        phase1.peer_id = fqdn(spec.name);
    }
    return phase1;
}

}  // namespace

TEST_CASE("reload: of a thousand tunnels only what was changed, added or removed is touched") {
    constexpr std::size_t count = 1000;
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    Gateway& east = world.add("east", "192.0.2.2");
    std::vector<config::Phase1> wests, easts;
    for (std::size_t i = 0; i < count; ++i) {
        wests.push_back(one_of_many(i, true));
        easts.push_back(one_of_many(i, false));
    }
    easts.push_back(one_of_many(count, false));
    east.configure(easts, world.now());
    west.configure(wests, world.now());
    REQUIRE(world.run_until([&] { return west.kernel.count_sas(Direction::in) == count; },
                            seconds(60)));
    world.run_for(seconds(2));
    const auto before = sas_by_reqid(west);
    const std::size_t sent = world.traffic.size();

    // 200 gets another localid, 400 goes, 1000 comes, and 600 asks for dead peers otherwise.
    wests[200].local_id = fqdn("t00999-other");
    wests[600].dpd = config::DpdMode::on_idle;
    wests.erase(wests.begin() + 400);
    wests.push_back(one_of_many(count, true));
    const auto plan = config::diff(
        *west.config(), *[&] {
            auto config = std::make_shared<config::Config>();
            for (const config::Phase1& phase1 : wests)
                config->phase1s.push_back(std::make_shared<const config::Phase1>(phase1));
            return config;
        }());
    CHECK(plan.summary() == "2 added, 2 removed, 2 changed (1 restart, 1 none)");
    west.events.clear();
    const auto asked = reload_watched(west, wests, world.now());

    // Of two tunnels an SA pair each goes; one trap is left and one goes; one comes.
    for (const std::string& line : asked) {
        INFO(line);
        const bool is_sa = line.starts_with("delete SA") || line.starts_with("query SA");
        CHECK((is_sa || line.contains("10.100.200.0/24") || line.contains("10.101.150.0/24") ||
               line.contains("10.104.0.0/24")));
    }
    CHECK(std::ranges::count_if(
              asked, [](const std::string& line) { return line.starts_with("delete SA"); }) == 4);
    CHECK(asked.size() < 20);
    CHECK(reload_lines(west).size() == plan.changes.size() + 1);
    CHECK(reload_lines(west).back() ==
          "configuration applied: 1000 tunnels, 2 added, 2 removed, 2 changed (1 restart, 1 none)");

    world.run_for(seconds(1));
    const auto after = sas_by_reqid(west);
    CHECK(after.size() == 2 * (count - 1));  // east does not know the other localid
    std::size_t kept = 0;
    for (const auto& sa : after)
        kept += static_cast<std::size_t>(std::ranges::count(before, sa));
    CHECK(kept == 2 * (count - 2));
    // Two DELETEs with their answers, two negotiations of which one fails.
    CHECK(world.traffic.size() - sent <= 12);
}

TEST_CASE("reload: the same configuration once more does nothing at all") {
    Loaded pair;
    const std::size_t sent = pair.world.traffic.size();
    for (int i = 0; i < 3; ++i)
        CHECK(reload_watched(pair.west, {Loaded::west_phase1()}, pair.world.now()).empty());
    CHECK(pair.world.traffic.size() == sent);
    CHECK(reload_lines(pair.west) ==
          std::vector<std::string>(3, "configuration applied: 1 tunnels, nothing has changed"));
    CHECK(pair.phase2s_up() == 2);
}

TEST_CASE("reload: what takes effect in place touches no SA") {
    Loaded pair;
    const auto first = pair.spis(0);
    const IkeSpi ike_sa = pair.west_ike_sa();
    config::Phase1 phase1 = Loaded::west_phase1();
    phase1.dpd = config::DpdMode::on_idle;
    phase1.dpd_retry_interval = seconds(7);
    phase1.keylife = seconds(3600);
    phase1.comments = "another word";
    phase1.phase2s[0].keepalive = true;
    CHECK(reload_watched(pair.west, {phase1}, pair.world.now()).empty());
    CHECK(reload_lines(pair.west).front() ==
          "phase 1 tunnel is changed (none): keylife 86400 -> 3600, dpd \"on-demand\" -> "
          "\"on-idle\", dpd-retryinterval 20 -> 7, comments \"\" -> \"another word\"");
    CHECK(pair.west_ike_sa() == ike_sa);
    CHECK(pair.spis(0) == first);
    // Silence is noticed by the new mode.
    const std::size_t sent = pair.world.traffic.size();
    pair.world.run_for(seconds(20));
    CHECK(pair.world.traffic.size() >= sent + 4);
    // And the IKE SA gets a successor before the new end.
    pair.world.run_for(seconds(3300));
    CHECK(pair.west_ike_sa() != ike_sa);
}

TEST_CASE("reload: a keylife that is over by now leaves time for a successor") {
    Loaded pair;
    pair.world.run_for(seconds(4000));
    pair.ping(milliseconds(100));
    const IkeSpi ike_sa = pair.west_ike_sa();
    config::Phase1 phase1 = Loaded::west_phase1();
    phase1.keylife = seconds(3600);
    reload_watched(pair.west, {phase1}, pair.world.now());
    pair.world.run_for(seconds(60));
    pair.stop_pings();
    CHECK(pair.west_ike_sa() != ike_sa);
    CHECK(pair.lost() == 0);
    CHECK(pair.west.last_event(ike::EventKind::ike_sa_failed) == nullptr);
}

TEST_CASE("reload: a shorter keylife cuts no end off that leaves renewal to its peer") {
    for (const bool passive : {true, false}) {
        INFO((passive ? "passive" : "rekey is off"));
        const auto end = [&](config::Phase1 phase1) {
            phase1.passive = passive;
            phase1.rekey = false;
            return phase1;
        };
        Rekeying pair(1, TunnelSpec{}.phase1(), end(TunnelSpec{}.mirrored().phase1()));
        pair.world.run_for(seconds(4000));
        const IkeSpi ike_sa = pair.west_ike_sa();
        config::Phase1 phase1 = end(TunnelSpec{}.mirrored().phase1());
        phase1.keylife = seconds(3600);
        pair.east.configure({phase1}, pair.world.now());
        pair.world.run_for(seconds(1000));
        CHECK(pair.west_ike_sa() == ike_sa);
        CHECK(pair.east.engine().established_count() == 1);
    }
}

TEST_CASE("reload: IKE SAs that are all too old by now are renewed one after the other") {
    constexpr std::size_t count = 300;
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    Gateway& east = world.add("east", "192.0.2.2");
    std::vector<config::Phase1> wests, easts;
    for (std::size_t i = 0; i < count; ++i) {
        wests.push_back(one_of_many(i, true));
        easts.push_back(one_of_many(i, false));
    }
    east.configure(easts, world.now());
    west.configure(wests, world.now());
    world.run_for(seconds(4000));
    REQUIRE(west.engine().established_count() == count);
    for (config::Phase1& phase1 : wests)
        phase1.keylife = seconds(3600);
    west.events.clear();
    west.configure(wests, world.now());
    // Those that wait for their slot are not cut off meanwhile, nor if the peer is slow.
    for (const config::Phase1& phase1 : wests)
        for (const ike::IkeSaView& sa : west.engine().tunnel(phase1.name)->ike_sas)
            CHECK(sa.expires_at.value_or(Instant{}) - world.now().boottime > seconds(93));
    world.run_for(milliseconds(100));
    CHECK(west.count_events(ike::EventKind::ike_sa_established) < count / 2);
    world.run_for(seconds(10));
    CHECK(west.count_events(ike::EventKind::ike_sa_established) == count);
    CHECK(west.count_events(ike::EventKind::ike_sa_failed) == 0);
}

TEST_CASE("reload: dpd and rekey that are turned off and on again stop and start") {
    Loaded pair;
    config::Phase1 phase1 = Loaded::west_phase1();
    phase1.dpd = config::DpdMode::disable;
    phase1.rekey = false;
    const std::size_t timers = pair.west.engine().overview().timers;
    reload_watched(pair.west, {phase1}, pair.world.now());
    CHECK(pair.west.engine().overview().timers == timers - 2);
    reload_watched(pair.west, {Loaded::west_phase1()}, pair.world.now());
    CHECK(pair.west.engine().overview().timers == timers);
}

TEST_CASE("reload: new algorithms of a phase 2 come by a rekey that loses no packet") {
    Loaded pair;
    pair.ping(milliseconds(1));
    config::Phase1 east = Loaded::east_phase1();
    east.phase2s[0].proposals.push_back(four_suites()[1].spec.esp[0]);
    config::Phase1 west = Loaded::west_phase1();
    west.phase2s[0].proposals = four_suites()[1].spec.esp;
    const auto second = pair.spis(1);
    const IkeSpi ike_sa = pair.west_ike_sa();
    reload_watched(pair.east, {east}, pair.world.now());
    reload_watched(pair.west, {west}, pair.world.now());
    pair.world.run_for(seconds(10));
    pair.stop_pings();
    CHECK(pair.lost() == 0);
    CHECK(pair.west_ike_sa() == ike_sa);
    CHECK(pair.spis(1) == second);
    CHECK(pair.spis(0).size() == 1);
    CHECK(pair.west.logged("IPsec SA established: aes256-sha256"));
    CHECK(passes_both_ways(pair));
}

TEST_CASE("reload: another keylife of a phase 2 is the kernel's too") {
    Loaded pair;
    config::Phase1 west = Loaded::west_phase1();
    west.phase2s[0].keylife = seconds(7200);
    reload_watched(pair.west, {west}, pair.world.now());
    pair.world.run_for(seconds(10));
    const HeldSa* sa = pair.west.kernel.find(*pair.spis(0).begin(), Direction::in);
    REQUIRE(sa != nullptr);
    CHECK(sa->install.limits.hard_seconds == 7500U);
}
