#include "daemon/capabilities.hpp"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace xfrmd::daemon {

std::expected<void, Failure> check_capabilities() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    const bool known = syscall(SYS_capget, &header, sets.data()) == 0;
    const bool allowed =
        (sets[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN)) != 0;
    if (!known || allowed) return {};
    return std::unexpected(Failure{ExitCode::privileges,
                                   "the capability CAP_NET_ADMIN is missing: run as root, or as a "
                                   "service with AmbientCapabilities=CAP_NET_ADMIN"});
}

}  // namespace xfrmd::daemon
