// Rekeys, deletes, restarts, reloads and refusals at random over a network that loses, doubles and
// reorders, and what must be true at every step and when all is quiet again.
#include <algorithm>
#include <cerrno>
#include <iterator>

#include "ike/timers.hpp"
#include "sim/scenario.hpp"
#include "sim/seeds.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// How long accidents go on: in most schedules for a few of them, in every tenth through whole
/// lifetimes.
constexpr seconds short_turmoil{60}, long_turmoil{300};
constexpr std::uint64_t one_in_long = 10;
/// After that: what is left over is noticed by DPD, ended, and made anew.
constexpr seconds settling{300};

/// What a schedule may do to the two ends.
struct Mischief {
    unsigned most_loss = 50;  ///< percent, each way its own
    bool deletes = true;
    bool restarts = true;
    bool refusals = true;
    bool reloads = true;
};

config::Phase1 restless(config::Phase1 phase1, SeededRandom& chance) {
    phase1.keylife = seconds(120 + chance.below(300));
    phase1.dpd = config::DpdMode::on_idle;
    phase1.dpd_retry_interval = seconds(5);
    phase1.dpd_retry_count = 3;
    for (config::Phase2& phase2 : phase1.phase2s) {
        phase2.auto_negotiate = phase2.keepalive = true;
        phase2.keylife = seconds(120 + chance.below(200));
        phase2.pfs = chance.below(2) == 0;
        phase2.key_exchanges = phase1.key_exchanges;
    }
    return phase1;
}

struct Restless {
    Restless(Trial& trial, const Mischief& mischief)
        : world(trial.world),
          chance(trial.chance),
          mischief(mischief),
          west(world.add("west", "192.0.2.1")),
          east(world.add("east", "192.0.2.2")),
          turmoil(chance.below(one_in_long) == 0 ? long_turmoil : short_turmoil) {
        TunnelSpec spec;
        west_phase1 = restless(spec.phase1(), chance);
        east_phase1 = restless(spec.mirrored().phase1(), chance);
        east_phase1.phase2s[0].pfs = west_phase1.phase2s[0].pfs;
        west.configure({west_phase1}, world.now());
        east.configure({east_phase1}, world.now());
    }

    /// One option is another now; which one decides what it costs.
    void reload(Gateway& gateway) {
        config::Phase1& phase1 = &gateway == &west ? west_phase1 : east_phase1;
        switch (chance.below(mischief.restarts ? 5 : 4)) {
            case 0: break;
            case 1: phase1.dpd_retry_count = 7 - phase1.dpd_retry_count; break;
            case 2: phase1.keylife = seconds(120 + chance.below(300)); break;
            case 3: phase1.phase2s[0].keylife = seconds(120 + chance.below(200)); break;
            default: phase1.fragmentation = !phase1.fragmentation;  // down and up again
        }
        gateway.configure({phase1}, world.now());
    }

    Link random_link() {
        Link link;
        link.delay = milliseconds(1 + chance.below(100));
        link.jitter = milliseconds(chance.below(1000));
        link.loss = static_cast<unsigned>(chance.below(mischief.most_loss + 1));
        link.duplication = static_cast<unsigned>(chance.below(20));
        return link;
    }

    void spoil_network() {
        world.network.set_link(west.address, east.address, random_link());
        world.network.set_link(east.address, west.address, random_link());
    }

    void mend_network() {
        world.network.set_link(west.address, east.address, {});
        world.network.set_link(east.address, west.address, {});
    }

    void delete_a_child(Gateway& gateway) {
        const auto& sas = gateway.kernel.sas();
        if (sas.empty()) return;
        const auto place =
            std::next(sas.begin(), static_cast<std::ptrdiff_t>(chance.below(sas.size())));
        if (const auto expired = gateway.kernel.expire(place->first, true))
            gateway.handle(xfrm::Event{*expired}, world.now());
    }

    void restart(Gateway& gateway) {
        const auto downtime = milliseconds(chance.below(10000));
        if (chance.below(2) == 0)
            world.kill(gateway, downtime);
        else
            world.reboot(gateway, downtime);
    }

    /// One accident at one end; often at both ends at the same moment.
    void act(Gateway& gateway) {
        if (!gateway.is_running()) return;
        switch (chance.below(mischief.reloads ? 10 : 8)) {
            case 0:
            case 1:
            case 2: return gateway.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, world.now());
            case 3:
            case 4: return gateway.handle(ike::CommandRekey{"tunnel", ""}, world.now());
            case 5:
                if (mischief.deletes) delete_a_child(gateway);
                return;
            case 6:
                if (mischief.refusals) gateway.kernel.refuse(chance.below(12), ENOMEM, "no memory");
                return;
            case 8:
            case 9: return reload(gateway);
            default:
                if (mischief.restarts && chance.below(4) == 0) restart(gateway);
        }
    }

    void go_wild() {
        const Instant end = world.now().boottime + turmoil;
        while (world.now().boottime < end) {
            world.run_for(milliseconds(chance.below(8000)));
            const auto whom = chance.below(3);
            if (whom != 1) act(west);
            if (whom != 0) act(east);
            if (chance.below(20) == 0) spoil_network();
        }
    }

    World& world;
    SeededRandom& chance;
    Mischief mischief;
    Gateway& west;
    Gateway& east;
    Duration turmoil;
    config::Phase1 west_phase1;
    config::Phase1 east_phase1;
};

/// Everything is as if nothing had ever happened.
Violations check_at_rest(Restless& pair) {
    Violations violations = check_converged(pair.west, pair.east);
    std::ranges::move(check_quiet(pair.world), std::back_inserter(violations));
    if (!would_pass(pair.west.kernel, IfId{}, pair.east.kernel, there))
        violations.push_back("nothing passes from west to east");
    if (!would_pass(pair.east.kernel, IfId{}, pair.west.kernel, back))
        violations.push_back("nothing passes from east to west");
    return violations;
}

Violations stop(Restless& pair) {
    Violations violations;
    for (Gateway* gateway : {&pair.west, &pair.east})
        gateway->handle(ike::CommandStop{}, pair.world.now());
    pair.world.run_for(ike::stop_grace);
    for (const Gateway* gateway : {&pair.west, &pair.east})
        std::ranges::move(check_stopped(*gateway), std::back_inserter(violations));
    return violations;
}

Violations play(Trial& trial, const Mischief& mischief) {
    trial.watch();
    Restless pair(trial, mischief);
    pair.spoil_network();
    pair.go_wild();
    pair.mend_network();
    // Quiet is a moment between rekeys: their lives are short here.
    const auto at_rest = [&] { return check_at_rest(pair).empty(); };
    trial.world.run_for(seconds(30));
    if (!trial.world.run_until(at_rest, settling)) return check_at_rest(pair);
    return stop(pair);
}

}  // namespace

TEST_CASE("random schedules: rekeys of both ends over a bad network") {
    play_seeds(60, [](Trial& trial) {
        return play(trial,
                    {.most_loss = 30, .deletes = false, .restarts = false, .refusals = false});
    });
}

TEST_CASE("random schedules: all sorts of accidents at both ends") {
    play_seeds(150, [](Trial& trial) { return play(trial, {}); });
}

TEST_CASE("random schedules: rekeys of both ends lose no packet") {
    play_seeds(60, [](Trial& trial) -> Violations {
        trial.watch();
        Restless pair(trial,
                      {.most_loss = 10, .deletes = false, .restarts = false, .refusals = false});
        trial.world.run_for(seconds(10));
        const Ping& out = trial.world.ping(pair.west, pair.east, there, milliseconds(100));
        const Ping& in = trial.world.ping(pair.east, pair.west, back, milliseconds(100));
        pair.spoil_network();
        pair.go_wild();
        // A request and its four retransmissions can all be lost: that peer counts as dead.
        for (const Gateway* gateway : {&pair.west, &pair.east})
            if (gateway->logged("retransmission timeout")) return {};
        Violations violations;
        for (const Ping* ping : {&out, &in})
            if (ping->delivered != ping->sent) violations.push_back(ping->summary());
        return violations;
    });
}
