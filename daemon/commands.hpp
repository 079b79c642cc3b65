// What xfrmd does for an administrator without becoming a daemon.
#pragma once

#include "daemon/options.hpp"

namespace xfrmd::daemon {

/// Runs `check`, `show_full` or `schema`: results to stdout, problems to stderr.
ExitCode run_command(const Options& options);

}  // namespace xfrmd::daemon
