// A netlink socket: libnl-3's core opens and names it, the octets are ours.
//
// What is received can hold keys, so it is shown to the reader and wiped before anything else
// happens; what is sent is the sender's to wipe.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"

struct nl_sock;

namespace xfrmd::daemon {

struct NetlinkSettings {
    int protocol = 0;        ///< NETLINK_XFRM, NETLINK_ROUTE
    int receive_buffer = 0;  ///< octets; beyond the system's limit if we may
    std::vector<std::uint32_t> groups{};
};

class NetlinkSocket {
  public:
    /// The error is a phrase with the cause.
    static std::expected<NetlinkSocket, std::string> open(const NetlinkSettings& settings);
    NetlinkSocket(NetlinkSocket&&) noexcept;
    NetlinkSocket& operator=(NetlinkSocket&&) noexcept;
    ~NetlinkSocket();

    int descriptor() const;
    std::uint32_t port_id() const;
    /// Of `count` messages in a row; the first one's number.
    std::uint32_t take_sequences(std::size_t count);

    /// One sendmsg for all of it. 0 or an errno.
    int send(ByteView messages);

    using Reader = std::function<void(ByteView)>;
    /// Waits for one datagram of the kernel's. 0, or an errno: EAGAIN when the time is up, ENOBUFS
    /// when datagrams were lost, EMSGSIZE when one was cut.
    int receive(std::chrono::milliseconds patience, const Reader& reader);

  private:
    struct Parts;
    explicit NetlinkSocket(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace xfrmd::daemon
