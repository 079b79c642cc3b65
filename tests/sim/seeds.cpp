#include "sim/seeds.hpp"

#include <errno.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "support/catch.hpp"
#include "support/report.hpp"

namespace xfrmd::test {
namespace {

/// Lines of each gateway and of the network in a report: of a sweep, and of one seed alone.
constexpr std::size_t reported_lines = 60;
constexpr std::size_t reported_lines_alone = 1000;
/// Datagrams that a trial remembers: what the report shows, and some more for scenarios.
constexpr std::size_t remembered_datagrams = 1000;

/// A number in the environment; 0 if there is none.
std::uint64_t environment_number(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

std::string report(std::uint64_t seed, const Violations& violations, const World& world) {
    const bool alone = environment_number("XFRMD_SEED") != 0;
    const std::size_t lines = alone ? reported_lines_alone : reported_lines;
    return fmt::format("seed {} violates:\n{}\n{}\nagain: XFRMD_SEED={} {} \"{}\"", seed,
                       to_text(violations), last_happenings(world, lines), seed,
                       program_invocation_name, Catch::getResultCapture().getCurrentTestName());
}

void play(std::uint64_t seed, const Scenario& scenario,
          const std::shared_ptr<const crypto::Library>& library) {
    Trial trial(seed, library);
    Violations violations = scenario(trial);
    violations.insert(violations.begin(), trial.seen.begin(), trial.seen.end());
    if (violations.empty()) return;
    // Not through the framework, which would break the lines.
    fmt::print("{}\n", report(seed, violations, trial.world));
    FAIL("seed " << seed << " violates: " << to_text(violations));
}

}  // namespace

Trial::Trial(std::uint64_t seed, std::shared_ptr<const crypto::Library> library)
    : world(seed, std::move(library)), chance(~seed) {
    world.traffic_limit = remembered_datagrams;
}

void Trial::watch() {
    world.after_each_event = [this] {
        if (!seen.empty()) return;
        for (const std::string& violation : check_always(world))
            seen.push_back(clock_text(world.now().boottime) + ": " + violation);
    };
}

void play_seeds(std::uint64_t seeds, const Scenario& scenario) {
    const auto library = std::make_shared<const crypto::Library>();
    const std::uint64_t only = environment_number("XFRMD_SEED");
    if (only != 0) return play(only, scenario, library);
    const std::uint64_t factor = std::max<std::uint64_t>(environment_number("XFRMD_SEEDS"), 1);
    for (std::uint64_t seed = 1; seed <= seeds * factor; ++seed)
        play(seed, scenario, library);
    SUCCEED();
}

}  // namespace xfrmd::test
