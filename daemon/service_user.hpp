// The user as whom the service runs, and what it can read.
#pragma once

#include <string>
#include <vector>

#include "daemon/configuration.hpp"
#include "daemon/options.hpp"

namespace xfrmd::daemon {

/// For root, whom no permission stops: what the service's user would find wrong beside what `found`
/// says, one line each. Nothing for anybody else, and where there is no such user. The process is
/// that user from then on.
std::vector<std::string> problems_of_service_user(const Options& options,
                                                  const Configuration& found);

}  // namespace xfrmd::daemon
