// Listening stream sockets: the control API's, and that of the metrics.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/file_descriptor.hpp"

namespace xfrmd::daemon {

/// Where clients connect, for the default of every program of ours.
inline constexpr const char* default_control_path = "/run/xfrmd/io.xfrmd.Control";

/// Takes the one that listens at `path` out of what systemd has opened for us; closed if there is
/// none.
FileDescriptor take_inherited_listener(std::vector<FileDescriptor>& inherited,
                                       const std::filesystem::path& path);

/// Listens at a path, in place of what a daemon that is gone has left there. The directory is made
/// if it is missing. Readable and writable for the owner alone. The error is in words.
std::expected<FileDescriptor, std::string> listen_at_path(const std::filesystem::path& path);

/// Listens at "ADDRESS:PORT", an IPv6 address in brackets.
std::expected<FileDescriptor, std::string> listen_at_port(const std::string& endpoint);

/// The next client, non-blocking; closed if there is none.
FileDescriptor accept_client(int listener);

/// Lets everybody connect, or the owner alone: who may do what is told by the kernel's word for
/// each client (identify_peer). What went wrong, or nothing.
std::string let_connect(const std::filesystem::path& path, bool everybody);

}  // namespace xfrmd::daemon
