// When things happened in a simulation, as durations that tests can compare exactly.
#pragma once

#include <vector>

#include "sim/scenario.hpp"

namespace xfrmd::test {

/// When requests of this exchange left a gateway, repetitions included, counted from `start`; what
/// left before is not told.
std::vector<Duration> requests_of(const World& world, const Gateway& from,
                                  wire::ExchangeType exchange, Instant start);

/// When the first event of this kind was told; throws if there was none.
Instant time_of(const Gateway& gateway, ike::EventKind kind);

/// The messages of all events from the `first` one on, but for those for developers.
std::vector<std::string> lines_from(const Gateway& gateway, std::size_t first);

/// Lets time run until that much has passed since `start`.
void run_to(World& world, Instant start, Duration age);

}  // namespace xfrmd::test
