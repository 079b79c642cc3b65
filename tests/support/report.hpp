// The last that happened in a world, for whoever looks at a failure.
#pragma once

#include <cstddef>
#include <string>

#include "support/world.hpp"

namespace xfrmd::test {

/// The last events of each gateway and the last datagrams that left, a line each, with their times.
std::string last_happenings(const World& world, std::size_t most);

}  // namespace xfrmd::test
