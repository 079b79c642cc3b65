// Endpoints as the socket interface wants them, and back.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "base/ip_address.hpp"

namespace xfrmd::daemon {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr* pointer() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* pointer() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// AF_INET, AF_INET6
int socket_family(IpFamily family);

IpAddress to_address(const in_addr& address);
IpAddress to_address(const in6_addr& address);
in_addr to_in_addr(const IpAddress& address);
in6_addr to_in6_addr(const IpAddress& address);

/// `scope`: the interface's index, which link-local IPv6 addresses need.
SocketAddress to_socket_address(const Endpoint& endpoint, std::uint32_t scope);
/// Nothing if it is neither IPv4 nor IPv6.
std::optional<Endpoint> to_endpoint(const SocketAddress& address);

/// fe80::/10
bool is_link_local(const IpAddress& address);

}  // namespace xfrmd::daemon
