// The four sockets of IKE: IPv4 and IPv6, ports 500 and 4500.
#pragma once

#include <map>
#include <vector>

#include "daemon/udp_socket.hpp"

namespace xfrmd::daemon {

/// Sockets that systemd has opened for us (sd_listen_fds(3)), in any order.
std::vector<FileDescriptor> inherited_sockets();

class UdpSockets {
  public:
    /// Takes from `inherited` those that are bound to our ports, whatever their order, and binds
    /// the others. Without IPv6 on the machine there are two.
    static std::expected<UdpSockets, Failure> open(std::vector<FileDescriptor> inherited);

    std::vector<UdpSocket>& sockets() { return sockets_; }
    /// What is missing but not needed by everybody, one line each.
    const std::vector<std::string>& warnings() const { return warnings_; }

    /// Sends from the socket of the local port and family. 0 or an errno.
    int send(const ike::Transmit& transmit) { return send_any(transmit); }
    int send(const ike::NatKeepalive& keepalive) { return send_any(keepalive); }
    /// Learns which interface a link-local address of ours belongs to.
    void learn_scopes(const std::vector<ike::Interface>& interfaces);

  private:
    std::expected<void, Failure> add(FileDescriptor bound, const UdpPort& port);
    std::expected<void, Failure> bind(const UdpPort& port);
    template <class Datagram>
    int send_any(const Datagram& datagram);

    std::vector<UdpSocket> sockets_;
    std::vector<std::string> warnings_;
    std::map<IpAddress, std::uint32_t> scopes_;
};

}  // namespace xfrmd::daemon
