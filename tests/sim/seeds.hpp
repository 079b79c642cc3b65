// One scenario under many seeds; a failure names the seed, and how to see it again.
//
//   XFRMD_SEEDS=100 sim "name of test"    a hundred times as many seeds as in a normal run
//   XFRMD_SEED=1234 sim "name of test"    this one
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "support/invariants.hpp"

namespace xfrmd::test {

/// What a scenario is made of: a world, and chances for its own use, both of the same seed.
struct Trial {
    World world;
    SeededRandom chance;

    Trial(std::uint64_t seed, std::shared_ptr<const crypto::Library> library);
    /// From now on check_always() is asked after each event; the first violations are kept.
    void watch();
    /// What was seen by watch(), with the time; empty: nothing.
    Violations seen;
};

/// Plays a scenario and tells what was violated.
using Scenario = std::function<Violations(Trial&)>;

/// Plays the scenario with seeds 1 to `seeds`, as the environment varies it. Fails the current test
/// at the first seed with a violation: tells the seed, the violations, the last of what happened,
/// and the command that plays it again.
void play_seeds(std::uint64_t seeds, const Scenario& scenario);

}  // namespace xfrmd::test
