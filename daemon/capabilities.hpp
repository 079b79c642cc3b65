// The privileges that the daemon needs.
#pragma once

#include <expected>

#include "daemon/exit_code.hpp"

namespace xfrmd::daemon {

/// Fails if CAP_NET_ADMIN is not in force: SAs, policies, interfaces and sockets that are exempt
/// from policies all need it. (Ports below 1024 speak for themselves when they are bound.)
std::expected<void, Failure> check_capabilities();

}  // namespace xfrmd::daemon
