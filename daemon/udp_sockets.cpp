#include "daemon/udp_sockets.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "daemon/error_text.hpp"
#include "daemon/non_esp_marker.hpp"
#include "daemon/socket_address.hpp"

namespace xfrmd::daemon {
namespace {

constexpr std::array<UdpPort, 4> all_ports{{{IpFamily::v4, ike_port},
                                            {IpFamily::v4, nat_traversal_port},
                                            {IpFamily::v6, ike_port},
                                            {IpFamily::v6, nat_traversal_port}}};

/// Where a datagram socket is bound; nothing for anything else.
std::optional<UdpPort> bound_port(const FileDescriptor& socket) {
    if (sd_is_socket(socket.number(), AF_UNSPEC, SOCK_DGRAM, -1) <= 0) return std::nullopt;
    SocketAddress address;
    address.size = sizeof address.storage;
    if (getsockname(socket.number(), address.pointer(), &address.size) != 0) return std::nullopt;
    const auto endpoint = to_endpoint(address);
    if (!endpoint) return std::nullopt;
    return UdpPort{endpoint->address.family(), endpoint->port};
}

/// A socket of both families cannot be exempt from IPv4 policies, and only its binder can say so.
bool serves_ipv4_too(const FileDescriptor& socket, const UdpPort& port) {
    int only = 1;
    socklen_t size = sizeof only;
    if (port.family == IpFamily::v4) return false;
    return getsockopt(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, &only, &size) == 0 && only == 0;
}

Failure refusal(const UdpPort& port, int error) {
    if (error == EACCES)
        return {
            ExitCode::privileges,
            fmt::format("{}: binding needs the capability CAP_NET_BIND_SERVICE", port.to_text())};
    if (error == EADDRINUSE)
        return {ExitCode::failure,
                fmt::format("{} is in use: does another IKE daemon run?", port.to_text())};
    return {ExitCode::failure, fmt::format("{}: {}", port.to_text(), error_text(error))};
}

}  // namespace

std::vector<FileDescriptor> inherited_sockets() {
    std::vector<FileDescriptor> sockets;
    const int count = sd_listen_fds(1);
    for (int i = 0; i < count; ++i)
        sockets.emplace_back(SD_LISTEN_FDS_START + i);
    return sockets;
}

std::expected<UdpSockets, Failure> UdpSockets::open(std::vector<FileDescriptor> inherited) {
    UdpSockets result;
    for (FileDescriptor& socket : inherited) {
        const auto port = bound_port(socket);
        if (!port || std::ranges::find(all_ports, *port) == all_ports.end()) {
            result.warnings_.push_back(
                fmt::format("inherited descriptor {} is not bound to port 500 or 4500 of UDP",
                            socket.number()));
            continue;
        }
        if (serves_ipv4_too(socket, *port))
            return std::unexpected(Failure{
                ExitCode::failure, fmt::format("inherited socket for {} serves IPv4 too: set "
                                               "BindIPv6Only=ipv6-only in its socket unit",
                                               port->to_text())});
        if (auto added = result.add(std::move(socket), *port); !added)
            return std::unexpected(std::move(added).error());
    }
    for (const UdpPort& port : all_ports) {
        if (std::ranges::find(result.sockets_, port, &UdpSocket::port) != result.sockets_.end())
            continue;
        if (auto added = result.bind(port); !added)
            return std::unexpected(std::move(added).error());
    }
    return result;
}

std::expected<void, Failure> UdpSockets::add(FileDescriptor bound, const UdpPort& port) {
    auto socket = UdpSocket::prepare(std::move(bound), port, warnings_);
    if (!socket) return std::unexpected(std::move(socket).error());
    sockets_.push_back(*std::move(socket));
    return {};
}

std::expected<void, Failure> UdpSockets::bind(const UdpPort& port) {
    auto bound = UdpSocket::bind(port);
    if (bound) return add(*std::move(bound), port);
    if (port.family == IpFamily::v6 && bound.error() == EAFNOSUPPORT) {
        warnings_.push_back(fmt::format("{}: this machine has no IPv6", port.to_text()));
        return {};
    }
    return std::unexpected(refusal(port, bound.error()));
}

template <class Datagram>
int UdpSockets::send_any(const Datagram& datagram) {
    const UdpPort port{datagram.local.address.family(), datagram.local.port};
    const auto socket = std::ranges::find(sockets_, port, &UdpSocket::port);
    if (socket == sockets_.end()) return EADDRNOTAVAIL;
    if (datagram.remote.address.family() != port.family) return EAFNOSUPPORT;
    const auto scope = scopes_.find(datagram.local.address);
    return socket->send(datagram, scope == scopes_.end() ? 0 : scope->second);
}

template int UdpSockets::send_any(const ike::Transmit&);
template int UdpSockets::send_any(const ike::NatKeepalive&);

void UdpSockets::learn_scopes(const std::vector<ike::Interface>& interfaces) {
    scopes_.clear();
    for (const ike::Interface& interface : interfaces)
        for (const IpAddress& address : interface.addresses)
            if (is_link_local(address)) scopes_.emplace(address, interface.index);
}

}  // namespace xfrmd::daemon
