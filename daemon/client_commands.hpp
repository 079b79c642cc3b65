// What xfrmctl does.
#pragma once

#include "daemon/client_options.hpp"

namespace xfrmd::daemon {

/// Runs the command: results to stdout, problems to stderr.
ClientExit run_client(const ClientOptions& options);

}  // namespace xfrmd::daemon
