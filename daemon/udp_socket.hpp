// One UDP socket of IKE: an address family and a port, exempt from IPsec policies.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "daemon/exit_code.hpp"
#include "daemon/file_descriptor.hpp"
#include "ike/input_output.hpp"

namespace xfrmd::daemon {

struct UdpPort {
    IpFamily family = IpFamily::v4;
    std::uint16_t port = 0;

    std::string to_text() const;  ///< "IPv4 port 500"
    friend auto operator<=>(const UdpPort&, const UdpPort&) = default;
};

/// A datagram waited, but it is none of IKE's.
struct Unusable {};
/// No datagram waits.
struct Empty {};
using Reception = std::variant<Empty, Unusable, ike::DatagramReceived>;

class UdpSocket {
  public:
    /// The error is an errno; EAFNOSUPPORT if the machine lacks the family.
    static std::expected<FileDescriptor, int> bind(const UdpPort& port);
    /// Prepares a bound socket: addresses of datagrams, exemption from policies, ESP in UDP. What
    /// the kernel refuses but IKE can do without is added to `warnings`.
    static std::expected<UdpSocket, Failure> prepare(FileDescriptor bound, const UdpPort& port,
                                                     std::vector<std::string>& warnings);

    int descriptor() const { return socket_.number(); }
    const UdpPort& port() const { return port_; }

    /// Reads one datagram without waiting. On port 4500 without its non-ESP marker.
    Reception receive();
    /// 0 or an errno. `scope` is the interface for link-local addresses.
    int send(const ike::Transmit& transmit, std::uint32_t scope);
    int send(const ike::NatKeepalive& keepalive, std::uint32_t scope);

  private:
    UdpSocket(FileDescriptor socket, const UdpPort& port)
        : socket_(std::move(socket)), port_(port) {}

    int send(const Endpoint& local, const Endpoint& to, std::span<iovec> parts,
             std::uint32_t scope);

    FileDescriptor socket_;
    UdpPort port_;
    Bytes buffer_;  ///< for any datagram of UDP
};

}  // namespace xfrmd::daemon
