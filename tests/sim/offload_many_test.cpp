// More Child SAs than a card has room for: a thousand, and room for nine hundred.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/offload_pair.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using xfrm::OffloadMode;

namespace {

constexpr std::size_t tunnels = 1000, room = 900;

std::string network(std::size_t nth) {
    return fmt::format("10.{}.{}.", 64 + nth / 256, nth % 256);
}

std::string name(std::size_t nth) {
    return fmt::format("net-{}", nth);
}

/// A phase 2 for each network.
void multiply(config::Phase1& phase1) {
    const config::Phase2 first = phase1.phase2s.front();
    phase1.phase2s.clear();
    const bool is_west = first.selectors.local.front().contains(there.source);
    for (std::size_t nth = 0; nth < tunnels; ++nth) {
        config::Phase2& phase2 = phase1.phase2s.emplace_back(first);
        phase2.name = name(nth);
        auto& far = is_west ? phase2.selectors.remote : phase2.selectors.local;
        far = {Subnet::from_text(network(nth) + "0/24").value().range()};
    }
}

struct ManyTunnels : OffloadPair {
    ManyTunnels() : OffloadPair(OffloadMode::packet, multiply) {
        west.kernel.device(card).table_size = 2 * room;
        west.handle(ike::CommandUp{"tunnel", ""}, world.now());
        REQUIRE(world.run_until([this] { return west.kernel.sas().size() == 2 * tunnels; }));
        world.run_for(seconds(1));
        REQUIRE(east.kernel.sas().size() == 2 * tunnels);
    }

    std::size_t in_west(OffloadMode mode) const {
        const auto sas = west.kernel.dump_sas();
        return static_cast<std::size_t>(std::ranges::count(sas, mode, &xfrm::SaStatus::offload));
    }
    /// Whether the newest Child SA of each phase 2 has less than it was to have, by what was told.
    std::map<std::string, bool> told() const {
        std::map<std::string, bool> told;
        for (const ike::Event& event : west.events)
            if (event.kind == ike::EventKind::child_sa_established)
                told[event.phase2] = event.message.find("ENOSPC: No room") != std::string::npos;
        return told;
    }
    std::size_t told_in_software() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(told(), [](const auto& one) { return one.second; }));
    }
    std::string first_told(bool in_software) const {
        for (const auto& [phase2, is_in_software] : told())
            if (is_in_software == in_software) return phase2;
        return {};
    }
    /// Tunnels that do not carry a packet in both directions.
    std::size_t dead() const {
        std::size_t dead = 0;
        for (std::size_t nth = 0; nth < tunnels; ++nth) {
            const Packet out{there.source, address(network(nth) + "9")};
            if (!would_pass(west.kernel, IfId{}, east.kernel, out) ||
                !would_pass(east.kernel, IfId{}, west.kernel, {out.destination, out.source}))
                ++dead;
        }
        return dead;
    }
    void rekey(const std::string& phase2) {
        west.handle(ike::CommandRekey{"tunnel", phase2}, world.now());
        world.run_for(seconds(60));
    }
};

}  // namespace

TEST_CASE("offload: a thousand tunnels, and a card with room for nine hundred") {
    ManyTunnels pair;
    CHECK(pair.in_west(OffloadMode::packet) == 2 * room);
    CHECK(pair.in_west(OffloadMode::none) == 2 * (tunnels - room));
    CHECK(pair.told().size() == tunnels);
    CHECK(pair.told_in_software() == tunnels - room);
    CHECK(pair.dead() == 0);

    // One leaves the card: its successor finds the table full as long as it is there itself.
    const std::string waiting = pair.first_told(true), leaving = pair.first_told(false);
    pair.rekey(leaving);
    CHECK(pair.told().at(leaving));
    CHECK(pair.in_west(OffloadMode::packet) == 2 * (room - 1));
    CHECK(pair.dead() == 0);
    pair.rekey(waiting);
    CHECK_FALSE(pair.told().at(waiting));
    CHECK(pair.in_west(OffloadMode::packet) == 2 * room);
    CHECK(pair.told_in_software() == tunnels - room);
    CHECK(pair.dead() == 0);
}
