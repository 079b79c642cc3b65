// xfrmd --sweep: what a daemon that has stopped left in the kernel goes.
#pragma once

#include <filesystem>

#include "daemon/exit_code.hpp"

namespace xfrmd::daemon {

/// Says what it did, line by line. Refuses while a daemon answers at `control`.
ExitCode run_sweep(const std::filesystem::path& control);

}  // namespace xfrmd::daemon
