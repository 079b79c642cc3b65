#include "daemon/stream_listener.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>

#include "daemon/error_text.hpp"
#include "daemon/socket_address.hpp"

namespace xfrmd::daemon {
namespace {

/// Clients that wait to be accepted.
constexpr int backlog = 64;

std::optional<sockaddr_un> address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path) return std::nullopt;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

FileDescriptor stream_socket(int family) {
    return FileDescriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

bool somebody_listens(const sockaddr_un& address) {
    const FileDescriptor probe = stream_socket(AF_UNIX);
    return connect(probe.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
               0 ||
           errno == EAGAIN;
}

std::optional<Endpoint> parse_endpoint(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    std::string host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    Endpoint endpoint;
    const auto address = IpAddress::from_text(host);
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    if (!address || error != std::errc() || stop != end || endpoint.port == 0) return std::nullopt;
    endpoint.address = *address;
    return endpoint;
}

}  // namespace

FileDescriptor take_inherited_listener(std::vector<FileDescriptor>& inherited,
                                       const std::filesystem::path& path) {
    const auto found = std::ranges::find_if(inherited, [&](const FileDescriptor& socket) {
        return sd_is_socket_unix(socket.number(), SOCK_STREAM, 1, path.c_str(), 0) > 0;
    });
    if (found == inherited.end()) return {};
    FileDescriptor listener = std::move(*found);
    inherited.erase(found);
    return listener;
}

std::expected<FileDescriptor, std::string> listen_at_path(const std::filesystem::path& path) {
    const auto failed = [&](const char* what) {
        return std::unexpected(fmt::format("{}: {}: {}", path.native(), what, error_text(errno)));
    };
    const auto address = address_of(path);
    if (!address) return std::unexpected(path.native() + ": too long for a socket");
    std::error_code ignored;
    std::filesystem::create_directories(path.parent_path(), ignored);
    if (somebody_listens(*address))
        return std::unexpected(path.native() + ": another daemon listens there");
    if (std::filesystem::is_socket(path, ignored)) ::unlink(path.c_str());
    FileDescriptor listener = stream_socket(AF_UNIX);
    if (!listener.is_open()) return failed("socket");
    const mode_t mask = umask(0177);
    const int bound =
        bind(listener.number(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
    umask(mask);
    if (bound != 0) return failed("bind");
    if (listen(listener.number(), backlog) != 0) return failed("listen");
    return listener;
}

std::expected<FileDescriptor, std::string> listen_at_port(const std::string& text) {
    const auto endpoint = parse_endpoint(text);
    if (!endpoint) return std::unexpected(text + ": not an address and a port");
    const SocketAddress address = to_socket_address(*endpoint, 0);
    FileDescriptor listener =
        stream_socket(endpoint->address.family() == IpFamily::v4 ? AF_INET : AF_INET6);
    const int on = 1;
    setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!listener.is_open() || bind(listener.number(), address.pointer(), address.size) != 0 ||
        listen(listener.number(), backlog) != 0)
        return std::unexpected(fmt::format("{}: {}", text, error_text(errno)));
    return listener;
}

FileDescriptor accept_client(int listener) {
    return FileDescriptor(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

std::string let_connect(const std::filesystem::path& path, bool everybody) {
    if (chmod(path.c_str(), everybody ? 0666 : 0600) == 0) return {};
    return fmt::format("{}: its mode cannot be set: {}", path.native(), error_text(errno));
}

}  // namespace xfrmd::daemon
