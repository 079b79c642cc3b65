#include "daemon/control_access.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace xfrmd::daemon {
namespace {

/// More groups than any user has.
constexpr std::size_t most_groups = 4096;

std::vector<gid_t> other_groups(int socket) {
    std::vector<gid_t> groups(most_groups);
    socklen_t size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) return {};
    groups.resize(size / sizeof(gid_t));
    return groups;
}

}  // namespace

Peer identify_peer(int socket, std::optional<gid_t> readers) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
    Peer peer{Access::none, credentials.pid, credentials.uid};
    if (credentials.uid == 0 || credentials.uid == geteuid()) {
        peer.access = Access::full;
    } else if (readers) {
        const auto groups = other_groups(socket);
        if (credentials.gid == *readers || std::ranges::find(groups, *readers) != groups.end())
            peer.access = Access::read;
    }
    return peer;
}

std::optional<gid_t> find_group(const std::string& name) {
    gid_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) return number;
    std::vector<char> memory(16384);
    group found{};
    group* result = nullptr;
    if (getgrnam_r(name.c_str(), &found, memory.data(), memory.size(), &result) != 0 ||
        result == nullptr)
        return std::nullopt;
    return result->gr_gid;
}

}  // namespace xfrmd::daemon
