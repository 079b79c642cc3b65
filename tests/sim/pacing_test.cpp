// Thousands of tunnels that want to start at once are spread.
#include <algorithm>

#include <fmt/format.h>

#include "ike/start_pacing.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::StartPacing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::vector<config::Phase1> tunnels(std::size_t count) {
    std::vector<config::Phase1> made;
    for (std::size_t i = 0; i < count; ++i) {
        TunnelSpec spec;
        spec.name = fmt::format("t{:05}", i);
        spec.remote = fmt::format("198.18.{}.{}", i / 250, i % 250 + 1);
        spec.remote_subnets = {fmt::format("10.{}.{}.0/24", 100 + i / 250, i % 250)};
        spec.auto_negotiate = true;
        made.push_back(spec.phase1());
    }
    return made;
}

/// Until when, from the first on, so many first messages have left.
std::size_t started(const World& world, Instant start, Duration until) {
    return static_cast<std::size_t>(std::ranges::count_if(world.traffic, [&](const Flight& flight) {
        return is(flight.datagram, wire::ExchangeType::ike_sa_init, false) &&
               flight.arrives <= start + until;
    }));
}

}  // namespace

TEST_CASE("pacing: a burst at once, then 200 a second, all by arithmetic") {
    constexpr std::size_t count = 2000;
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    const Instant start = world.now().boottime;
    west.configure(tunnels(count), world.now());
    world.run_for(milliseconds(2500));
    CHECK(started(world, start, seconds(0)) == StartPacing::burst);
    CHECK(started(world, start, seconds(1)) == StartPacing::burst + StartPacing::per_second);
    CHECK(started(world, start, seconds(2)) == StartPacing::burst + 2 * StartPacing::per_second);
    world.run_for(seconds(7));  // (2000 - 100) / 200 = 9.5 s after the first
    // Each tunnel has started within the time, and none has started a second time before.
    CHECK(west.engine().half_open_count() == count);
}

TEST_CASE("pacing: an operator does not wait") {
    World world;
    Gateway& west = world.add("west", "192.0.2.1");
    const Instant start = world.now().boottime;
    west.configure(tunnels(400), world.now());
    west.handle(ike::CommandUp{"t00399", ""}, world.now());
    world.run_for(milliseconds(1));
    CHECK(started(world, start, seconds(0)) == StartPacing::burst + 1);
}
