// errno for people.
#pragma once

#include <string>

namespace xfrmd::daemon {

/// "ENETUNREACH (Network is unreachable)"
std::string error_text(int error);

}  // namespace xfrmd::daemon
