// Both ends want the same tunnel up, over networks that lose, double and reorder.
#include <algorithm>
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

const Packet there{address("10.1.0.5"), address("10.2.0.9")};
const Packet back{there.destination, there.source};

/// A negotiation that the network spoils is cut after 30 s and tried again within 5 s. At 30 % loss
/// each way more than half of the tries succeed; 20 in a row do not fail.
constexpr seconds patience = 20 * (seconds(30) + ike::auto_negotiate_interval);
/// What a lost last message can leave behind is gone after a negotiation's time and a dead peer's.
constexpr seconds settling = seconds(30) + ike::retransmission_ceiling + seconds(1);

Link bad_link(SeededRandom& chance) {
    Link link;
    link.delay = milliseconds(1 + chance.below(200));
    link.jitter = milliseconds(chance.below(2000));
    link.loss = static_cast<unsigned>(chance.below(31));
    link.duplication = static_cast<unsigned>(chance.below(11));
    return link;
}

struct BothWant {
    explicit BothWant(World& world)
        : world(world), west(world.add("west", "192.0.2.1")), east(world.add("east", "192.0.2.2")) {
        TunnelSpec spec;
        config::Phase1 east_phase1 = spec.mirrored().phase1();
        spec.auto_negotiate = true;
        east_phase1.phase2s[0].auto_negotiate = east_phase1.phase2s[0].keepalive = true;
        west.configure({spec.phase1()}, world.now());
        east.configure({east_phase1}, world.now());
    }

    bool passes_both_ways() {
        return would_pass(west.kernel, IfId{}, east.kernel, there) &&
               would_pass(east.kernel, IfId{}, west.kernel, back);
    }

    World& world;
    Gateway& west;
    Gateway& east;
};

Violations both(Violations (*check)(const Gateway&), const BothWant& pair) {
    Violations violations = check(pair.west);
    std::ranges::move(check(pair.east), std::back_inserter(violations));
    return violations;
}

/// Stops both ends over a good network; nothing may be left. What one end never heard of, the other
/// deletes without an answer.
Violations stop(BothWant& pair) {
    pair.world.network.set_link(pair.west.address, pair.east.address, {});
    pair.world.network.set_link(pair.east.address, pair.west.address, {});
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    pair.east.handle(ike::CommandStop{}, pair.world.now());
    pair.world.run_for(ike::stop_grace);
    if (Violations violations = both(check_stopped, pair); !violations.empty()) return violations;
    pair.world.run_for(ike::retransmission_ceiling);
    return both(check_empty, pair);
}

}  // namespace

TEST_CASE("convergence: both ends negotiate over a bad network until packets pass both ways") {
    play_seeds(40, [](Trial& trial) -> Violations {
        trial.watch();
        BothWant pair(trial.world);
        trial.world.network.set_link(pair.west.address, pair.east.address, bad_link(trial.chance));
        trial.world.network.set_link(pair.east.address, pair.west.address, bad_link(trial.chance));
        if (!trial.world.run_until([&] { return pair.passes_both_ways(); }, patience))
            return {"no packets pass both ways in time"};
        trial.world.run_for(settling);
        return stop(pair);
    });
}

TEST_CASE("convergence: one end gives way to the other: one IKE SA and one Child SA are left") {
    play_seeds(5, [](Trial& trial) -> Violations {
        trial.watch();
        BothWant pair(trial.world);
        pair.east.handle(ike::CommandDown{"tunnel"}, trial.world.now());
        trial.world.run_for(seconds(1));
        pair.west.handle(ike::CommandUp{"tunnel", ""}, trial.world.now());
        trial.world.run_for(settling);
        Violations violations = check_converged(pair.west, pair.east);
        std::ranges::move(check_quiet(trial.world), std::back_inserter(violations));
        return violations;
    });
}
