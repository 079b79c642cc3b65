#include "daemon/socket_address.hpp"

#include <arpa/inet.h>

#include <cstring>

#include "base/assert.hpp"

namespace xfrmd::daemon {
namespace {

IpAddress from_octets(const void* octets, std::size_t size) {
    const auto address = IpAddress::from_bytes({static_cast<const std::uint8_t*>(octets), size});
    XFRMD_ASSERT(address);
    return *address;
}

}  // namespace

int socket_family(IpFamily family) {
    return family == IpFamily::v4 ? AF_INET : AF_INET6;
}

IpAddress to_address(const in_addr& address) {
    return from_octets(&address, sizeof address);
}

IpAddress to_address(const in6_addr& address) {
    return from_octets(&address, sizeof address);
}

in_addr to_in_addr(const IpAddress& address) {
    XFRMD_ASSERT(address.family() == IpFamily::v4);
    in_addr raw{};
    std::memcpy(&raw, address.bytes().data(), sizeof raw);
    return raw;
}

in6_addr to_in6_addr(const IpAddress& address) {
    XFRMD_ASSERT(address.family() == IpFamily::v6);
    in6_addr raw{};
    std::memcpy(&raw, address.bytes().data(), sizeof raw);
    return raw;
}

SocketAddress to_socket_address(const Endpoint& endpoint, std::uint32_t scope) {
    SocketAddress result;
    if (endpoint.address.family() == IpFamily::v4) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        v4.sin_addr = to_in_addr(endpoint.address);
        std::memcpy(&result.storage, &v4, sizeof v4);
        result.size = sizeof v4;
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        v6.sin6_addr = to_in6_addr(endpoint.address);
        v6.sin6_scope_id = is_link_local(endpoint.address) ? scope : 0;
        std::memcpy(&result.storage, &v6, sizeof v6);
        result.size = sizeof v6;
    }
    return result;
}

std::optional<Endpoint> to_endpoint(const SocketAddress& address) {
    if (address.storage.ss_family == AF_INET && address.size >= sizeof(sockaddr_in)) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address.storage, sizeof v4);
        return Endpoint{to_address(v4.sin_addr), ntohs(v4.sin_port)};
    }
    if (address.storage.ss_family == AF_INET6 && address.size >= sizeof(sockaddr_in6)) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address.storage, sizeof v6);
        return Endpoint{to_address(v6.sin6_addr), ntohs(v6.sin6_port)};
    }
    return std::nullopt;
}

bool is_link_local(const IpAddress& address) {
    const ByteView octets = address.bytes();
    return address.family() == IpFamily::v6 && octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80;
}

}  // namespace xfrmd::daemon
