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

/// A packet of the n-th phase 2, from west to east.
Packet packet(std::size_t nth) {
    const std::string third = "." + std::to_string(nth);
    return {address("10.1" + third + ".5"), address("10.2" + third + ".9")};
}

Packet reply(const Packet& packet) {
    return {packet.destination, packet.source};
}

/// A negotiation that the network spoils is cut after 30 s and tried again within 5 s. At 30 % loss
/// each way more than half of the tries succeed; 20 in a row do not fail.
constexpr seconds patience = 20 * (seconds(30) + ike::auto_negotiate_interval);
/// What a lost last message can leave behind is gone after a negotiation's time and a dead peer's.
constexpr seconds settling = seconds(30) + ike::retransmission_ceiling + seconds(1);
/// The longest that a healed network is without SAs: what was lost before is repeated at 45 s last,
/// so the peer may be given up for dead, and is called again. A call that was under way is cut
/// first.
constexpr seconds longest_outage = ike::retransmission_ceiling + ike::auto_negotiate_interval +
                                   seconds(30) + ike::auto_negotiate_interval;

Link bad_link(SeededRandom& chance) {
    Link link;
    link.delay = milliseconds(1 + chance.below(200));
    link.jitter = milliseconds(chance.below(2000));
    link.loss = static_cast<unsigned>(chance.below(31));
    link.duplication = static_cast<unsigned>(chance.below(11));
    return link;
}

struct BothWant {
    explicit BothWant(World& world, int phase2s = 1, Duration east_starts = Duration::zero())
        : phase2s(static_cast<std::size_t>(phase2s)),
          world(world),
          west(world.add("west", "192.0.2.1")),
          east(world.add("east", "192.0.2.2")) {
        TunnelSpec spec;
        spec.auto_negotiate = true;
        const config::Phase1 west_phase1 = with_phase2s(spec, phase2s);
        west.configure({west_phase1}, world.now());
        if (east_starts > Duration::zero()) world.run_for(east_starts);
        east.configure({mirrored(west_phase1, spec)}, world.now());
    }

    /// Packets of each phase 2.
    bool passes_both_ways() {
        for (std::size_t i = 0; i < phase2s; ++i)
            if (!would_pass(west.kernel, IfId{}, east.kernel, packet(i)) ||
                !would_pass(east.kernel, IfId{}, west.kernel, reply(packet(i))))
                return false;
        return true;
    }

    void set_weather(const Link& to_east, const Link& to_west) {
        world.network.set_link(west.address, east.address, to_east);
        world.network.set_link(east.address, west.address, to_west);
    }

    std::size_t phase2s;
    World& world;
    Gateway& west;
    Gateway& east;
};

/// One IKE SA and one Child SA of each phase 2 at both ends, nothing under way, and traffic passes.
Violations settled(BothWant& pair) {
    Violations violations = check_converged(pair.west, pair.east);
    std::ranges::move(check_quiet(pair.world), std::back_inserter(violations));
    if (!pair.passes_both_ways()) violations.emplace_back("no packets pass both ways in the end");
    return violations;
}

/// Pings of each phase 2, both ways.
std::vector<Ping*> ping_all(BothWant& pair) {
    std::vector<Ping*> pings;
    for (std::size_t i = 0; i < pair.phase2s; ++i) {
        const Packet there = packet(i);
        pings.push_back(&pair.world.ping(pair.west, pair.east, there, milliseconds(100)));
        pings.push_back(&pair.world.ping(pair.east, pair.west, reply(there), milliseconds(100)));
    }
    return pings;
}

Violations losses(const std::vector<Ping*>& pings) {
    Violations violations;
    for (const Ping* ping : pings)
        if (ping->delivered != ping->sent) violations.push_back(ping->summary());
    return violations;
}

Violations both(Violations (*check)(const Gateway&), const BothWant& pair) {
    Violations violations = check(pair.west);
    std::ranges::move(check(pair.east), std::back_inserter(violations));
    return violations;
}

/// Stops both ends over a good network; nothing may be left. What one end never heard of, the other
/// deletes without an answer.
Violations stop(BothWant& pair) {
    pair.set_weather({}, {});
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
        pair.set_weather(bad_link(trial.chance), bad_link(trial.chance));
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

// Whatever the weather has left behind, once it is over there is one IKE SA and one Child SA of
// each phase 2, in the time that the schedule allows.
TEST_CASE("convergence: after bad weather one IKE SA and one Child SA of each phase 2 are left") {
    play_seeds(40, [](Trial& trial) -> Violations {
        trial.watch();
        const int phase2s = 1 + static_cast<int>(trial.chance.below(3));
        BothWant pair(trial.world, phase2s, milliseconds(trial.chance.below(1000)));
        pair.set_weather(bad_link(trial.chance), bad_link(trial.chance));
        trial.world.run_for(milliseconds(trial.chance.below(300'000)));
        pair.set_weather({}, {});
        if (!trial.world.run_until([&] { return pair.passes_both_ways(); }, longest_outage))
            return {"no packets pass both ways for longer than the schedule allows"};
        trial.world.run_for(settling);
        if (Violations violations = settled(pair); !violations.empty()) return violations;
        return stop(pair);
    });
}

// Datagrams are delayed, doubled and overtaken, but none is lost: from the first packet that passes
// on there is no moment without SAs.
TEST_CASE("convergence: both ends call, and no packet is lost while the surplus goes",
          "[proves:both-auto-negotiate]") {
    play_seeds(20, [](Trial& trial) -> Violations {
        trial.watch();
        const int phase2s = 1 + static_cast<int>(trial.chance.below(3));
        Link link;
        link.delay = milliseconds(1 + trial.chance.below(100));
        link.jitter = milliseconds(trial.chance.below(50));
        link.duplication = static_cast<unsigned>(trial.chance.below(11));
        BothWant pair(trial.world, phase2s, milliseconds(trial.chance.below(400)));
        pair.set_weather(link, link);
        if (!trial.world.run_until([&] { return pair.passes_both_ways(); }, seconds(10)))
            return {"no packets pass both ways in ten seconds"};
        // What both ends are about to hear for the first time may still cost packets.
        trial.world.run_for(seconds(1));
        const auto pings = ping_all(pair);
        trial.world.run_for(settling);
        Violations violations = settled(pair);
        std::ranges::move(losses(pings), std::back_inserter(violations));
        return violations;
    });
}
