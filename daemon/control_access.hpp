// Who may use the control socket.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace xfrmd::daemon {

enum class Access : std::uint8_t {
    none,
    read,  ///< what changes nothing: members of the configured group
    full,  ///< root, and the user that the daemon runs as
};

/// Who is at the other end of a connected Unix socket (SO_PEERCRED), for the journal.
struct Peer {
    Access access = Access::none;
    pid_t process = 0;
    uid_t user = 0;
};

/// As the kernel tells, at the time of the connection. Members of `readers` may read.
Peer identify_peer(int socket, std::optional<gid_t> readers);

/// A group by its name or number; nothing if there is none.
std::optional<gid_t> find_group(const std::string& name);

}  // namespace xfrmd::daemon
