#include "daemon/service_user.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>

namespace xfrmd::daemon {
namespace {

constexpr const char* service_user = "xfrmd";

bool become(const passwd& user) {
    return initgroups(user.pw_name, user.pw_gid) == 0 && setgid(user.pw_gid) == 0 &&
           setuid(user.pw_uid) == 0;
}

}  // namespace

std::vector<std::string> problems_of_service_user(const Options& options,
                                                  const Configuration& found) {
    std::vector<std::string> problems;
    if (geteuid() != 0) return problems;
    const passwd* user = getpwnam(service_user);
    if (user == nullptr || !become(*user)) return problems;
    const Configuration theirs =
        load_configuration(read_configuration(options.config), Credentials::assumed);
    for (const std::string& error : theirs.errors)
        if (std::ranges::find(found.errors, error) == found.errors.end())
            problems.push_back(fmt::format("for the service's user {}: {}", service_user, error));
    return problems;
}

}  // namespace xfrmd::daemon
