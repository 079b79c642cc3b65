#include "daemon/udp_socket.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

#include "daemon/error_text.hpp"
#include "daemon/non_esp_marker.hpp"
#include "daemon/socket_address.hpp"
#include "xfrm/operation.hpp"
#include "xfrm/uapi.hpp"

namespace xfrmd::daemon {
namespace {

/// A burst of some thousand IKE_SA_INIT requests.
constexpr int receive_buffer_octets = 4 << 20;
constexpr std::size_t largest_datagram = 65535;
/// Room for one packet-information message of either family.
constexpr std::size_t control_size = 64;

int set_option(int socket, int level, int name, int value) {
    return setsockopt(socket, level, name, &value, sizeof value) == 0 ? 0 : errno;
}

/// The socket's own policy that lets its packets pass in clear text, whatever the others say.
int exempt_from_policies(int socket, IpFamily family, xfrm::Direction direction) {
    constexpr std::uint8_t action_allow = 0;
    xfrm::uapi::UserPolicyInfo policy;
    policy.dir = static_cast<std::uint8_t>(direction);
    policy.action = action_allow;
    policy.sel.family = family == IpFamily::v4 ? xfrm::uapi::family_inet : xfrm::uapi::family_inet6;
    const int level = family == IpFamily::v4 ? IPPROTO_IP : IPPROTO_IPV6;
    const int name = family == IpFamily::v4 ? IP_XFRM_POLICY : IPV6_XFRM_POLICY;
    return setsockopt(socket, level, name, &policy, sizeof policy) == 0 ? 0 : errno;
}

/// Local addresses come and go with each datagram; large messages are fragmented by IP: a black
/// hole for "fragmentation needed" must not end a negotiation.
int enable_addresses(int socket, IpFamily family) {
    const bool v4 = family == IpFamily::v4;
    const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
    if (const int error = set_option(socket, level, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1))
        return error;
    return v4 ? set_option(socket, level, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
              : set_option(socket, level, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
}

/// What a received packet was sent to, if that was an address of ours and not a group's.
std::optional<IpAddress> local_address(msghdr& message) {
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(header), sizeof info);
            if (info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr) return std::nullopt;
            return to_address(info.ipi_addr);
        }
        if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(header), sizeof info);
            if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) return std::nullopt;
            return to_address(info.ipi6_addr);
        }
    }
    return std::nullopt;
}

template <class Info>
void put_control(msghdr& message, int level, int type, const Info& info) {
    message.msg_controllen = CMSG_SPACE(sizeof info);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(header), &info, sizeof info);
}

/// Makes the packet leave from `local`.
void put_source(msghdr& message, const IpAddress& local, std::uint32_t scope) {
    if (local.family() == IpFamily::v4) {
        in_pktinfo info{};
        info.ipi_spec_dst = to_in_addr(local);
        put_control(message, IPPROTO_IP, IP_PKTINFO, info);
    } else {
        in6_pktinfo info{};
        info.ipi6_addr = to_in6_addr(local);
        info.ipi6_ifindex = is_link_local(local) ? scope : 0;
        put_control(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}

}  // namespace

std::string UdpPort::to_text() const {
    return fmt::format("IPv{} port {}", static_cast<int>(family), port);
}

std::expected<FileDescriptor, int> UdpSocket::bind(const UdpPort& port) {
    FileDescriptor socket(::socket(socket_family(port.family), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return std::unexpected(errno);
    if (port.family == IpFamily::v6)
        if (const int error = set_option(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, 1))
            return std::unexpected(error);
    const SocketAddress any = to_socket_address({IpAddress::any(port.family), port.port}, 0);
    if (::bind(socket.number(), any.pointer(), any.size) != 0) return std::unexpected(errno);
    return socket;
}

std::expected<UdpSocket, Failure> UdpSocket::prepare(FileDescriptor bound, const UdpPort& port,
                                                     std::vector<std::string>& warnings) {
    const int socket = bound.number();
    const auto refused = [&](const char* what, int error) {
        return fmt::format("{}: {}: {}", port.to_text(), what, error_text(error));
    };
    if (const int error = enable_addresses(socket, port.family))
        return std::unexpected(Failure{ExitCode::failure, refused("local addresses", error)});
    for (const auto direction : {xfrm::Direction::in, xfrm::Direction::out})
        if (const int error = exempt_from_policies(socket, port.family, direction))
            return std::unexpected(Failure{
                error == EPERM ? ExitCode::privileges : ExitCode::unsupported,
                refused("exemption from IPsec policies (needs CAP_NET_ADMIN, XFRM)", error)});
    if (port.port == nat_traversal_port)
        if (const int error = set_option(socket, IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP))
            warnings.push_back(refused("ESP in UDP, which NAT traversal needs", error));
    if (set_option(socket, SOL_SOCKET, SO_RCVBUFFORCE, receive_buffer_octets) != 0)
        set_option(socket, SOL_SOCKET, SO_RCVBUF, receive_buffer_octets);
    UdpSocket prepared(std::move(bound), port);
    prepared.buffer_.resize(largest_datagram);
    return prepared;
}

Reception UdpSocket::receive() {
    SocketAddress remote;
    alignas(cmsghdr) std::array<std::uint8_t, control_size> control;
    iovec octets{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
    msghdr message{};
    message.msg_name = &remote.storage;
    message.msg_namelen = sizeof remote.storage;
    message.msg_iov = &octets;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = recvmsg(socket_.number(), &message, MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EINTR ? Reception(Empty{}) : Unusable{};
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) return Unusable{};

    remote.size = message.msg_namelen;
    const auto sender = to_endpoint(remote);
    const auto local = local_address(message);
    std::optional<ByteView> ike = ByteView(buffer_).first(static_cast<std::size_t>(size));
    if (port_.port == nat_traversal_port) ike = strip_marker(*ike);
    if (!sender || !local || !ike) return Unusable{};
    return ike::DatagramReceived{
        .local = {*local, port_.port}, .remote = *sender, .octets = to_bytes(*ike)};
}

int UdpSocket::send(const ike::Transmit& transmit, std::uint32_t scope) {
    auto marker = non_esp_marker;
    auto* octets = const_cast<std::uint8_t*>(transmit.octets.data());  // sendmsg only reads
    std::array<iovec, 2> parts{iovec{.iov_base = marker.data(), .iov_len = marker.size()},
                               iovec{.iov_base = octets, .iov_len = transmit.octets.size()}};
    const bool marked = port_.port == nat_traversal_port;
    return send(transmit.local, transmit.remote, std::span(parts).subspan(marked ? 0 : 1), scope);
}

int UdpSocket::send(const ike::NatKeepalive& keepalive, std::uint32_t scope) {
    std::uint8_t octet = nat_keepalive_octet;
    iovec part{.iov_base = &octet, .iov_len = sizeof octet};
    return send(keepalive.local, keepalive.remote, std::span(&part, 1), scope);
}

int UdpSocket::send(const Endpoint& local, const Endpoint& to, std::span<iovec> parts,
                    std::uint32_t scope) {
    SocketAddress remote = to_socket_address(to, scope);
    alignas(cmsghdr) std::array<std::uint8_t, control_size> control{};
    msghdr message{};
    message.msg_name = remote.pointer();
    message.msg_namelen = remote.size;
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    message.msg_control = control.data();
    put_source(message, local.address, scope);
    return sendmsg(socket_.number(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

}  // namespace xfrmd::daemon
