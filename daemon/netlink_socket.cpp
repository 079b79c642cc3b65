#include "daemon/netlink_socket.hpp"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/secret.hpp"

namespace xfrmd::daemon {
namespace {

/// Dumps come in datagrams of at most 32 KiB; a smaller buffer would cut them.
constexpr std::size_t datagram_octets = 64 << 10;
/// Far more than the requests that are under way at once.
constexpr int send_buffer_octets = 1 << 20;

struct FreeSocket {
    void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};

int set_option(int socket, int level, int name, int value) {
    return setsockopt(socket, level, name, &value, sizeof value) == 0 ? 0 : errno;
}

void set_buffer(int socket, int forced_name, int name, int octets) {
    if (set_option(socket, SOL_SOCKET, forced_name, octets) != 0)
        set_option(socket, SOL_SOCKET, name, octets);
}

}  // namespace

struct NetlinkSocket::Parts {
    std::unique_ptr<nl_sock, FreeSocket> socket{nl_socket_alloc()};
    std::uint32_t next_sequence = 1;
    Bytes buffer = Bytes(datagram_octets);
};

NetlinkSocket::NetlinkSocket(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
NetlinkSocket::NetlinkSocket(NetlinkSocket&&) noexcept = default;
NetlinkSocket& NetlinkSocket::operator=(NetlinkSocket&&) noexcept = default;
NetlinkSocket::~NetlinkSocket() = default;

std::expected<NetlinkSocket, std::string> NetlinkSocket::open(const NetlinkSettings& settings) {
    NetlinkSocket result(std::make_unique<Parts>());
    nl_sock* socket = result.parts_->socket.get();
    if (!socket) return std::unexpected("no memory for a netlink socket");
    if (const int error = nl_connect(socket, settings.protocol))
        return std::unexpected(std::string(nl_geterror(error)));
    const int descriptor = nl_socket_get_fd(socket);
    set_buffer(descriptor, SO_SNDBUFFORCE, SO_SNDBUF, send_buffer_octets);
    set_buffer(descriptor, SO_RCVBUFFORCE, SO_RCVBUF, settings.receive_buffer);
    // Without them the kernel's reasons are missing, but not its verdicts.
    set_option(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, 1);
    set_option(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, 1);
    set_option(descriptor, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    for (const std::uint32_t group : settings.groups)
        if (const int error = nl_socket_add_membership(socket, static_cast<int>(group)))
            return std::unexpected(fmt::format("group {}: {}", group, nl_geterror(error)));
    return result;
}

int NetlinkSocket::descriptor() const {
    return nl_socket_get_fd(parts_->socket.get());
}

std::uint32_t NetlinkSocket::port_id() const {
    return nl_socket_get_local_port(parts_->socket.get());
}

std::uint32_t NetlinkSocket::take_sequences(std::size_t count) {
    // 0 is the number of what the kernel sends without being asked.
    const auto step = static_cast<std::uint32_t>(count);
    if (parts_->next_sequence + step < parts_->next_sequence) parts_->next_sequence = 1;
    return std::exchange(parts_->next_sequence, parts_->next_sequence + step);
}

int NetlinkSocket::send(ByteView messages) {
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    ssize_t sent = -1;
    do {
        sent = sendto(descriptor(), messages.data(), messages.size(), 0,
                      reinterpret_cast<sockaddr*>(&kernel), sizeof kernel);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

int NetlinkSocket::receive(std::chrono::milliseconds patience, const Reader& reader) {
    pollfd readable{.fd = descriptor(), .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, static_cast<int>(patience.count())) == 0) return EAGAIN;
    sockaddr_nl sender{};
    iovec octets{.iov_base = parts_->buffer.data(), .iov_len = parts_->buffer.size()};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &octets;
    message.msg_iovlen = 1;
    const ssize_t size = recvmsg(descriptor(), &message, MSG_DONTWAIT);
    if (size < 0) return errno == EINTR ? EAGAIN : errno;
    const auto received = MutableByteView(parts_->buffer).first(static_cast<std::size_t>(size));
    const bool cut = (message.msg_flags & MSG_TRUNC) != 0;
    // Other processes can send to our port too; only the kernel's is 0.
    if (!cut && sender.nl_pid == 0) reader(received);
    wipe(received);
    return cut ? EMSGSIZE : 0;
}

}  // namespace xfrmd::daemon
