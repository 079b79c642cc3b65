// How the process ends; documented in xfrmd(8).
#pragma once

#include <string>

namespace xfrmd::daemon {

enum class ExitCode : int {
    ok = 0,
    failure = 1,        ///< something failed at run time
    usage = 2,          ///< the command line is wrong
    configuration = 3,  ///< the configuration is wrong or cannot be read
    privileges = 4,     ///< a capability is missing
    unsupported = 5,    ///< the kernel lacks something that nothing works without
};

/// Why the daemon cannot start or go on.
struct Failure {
    ExitCode code = ExitCode::failure;
    std::string message;
};

}  // namespace xfrmd::daemon
