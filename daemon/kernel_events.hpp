// What the kernel tells without being asked: acquires, expiries, mappings, deletions by others.
#pragma once

#include <expected>
#include <vector>

#include "daemon/exit_code.hpp"
#include "daemon/netlink_socket.hpp"
#include "xfrm/event.hpp"

namespace xfrmd::daemon {

class KernelEvents {
  public:
    /// `own_port_id`: of the socket whose requests are ours; what they cause is no news.
    static std::expected<KernelEvents, Failure> open(std::uint32_t own_port_id);

    int descriptor() const { return socket_.descriptor(); }
    /// What has come, without waiting: at most a bounded number of datagrams. Datagrams that were
    /// lost become one `StateUncertain`.
    std::vector<xfrm::Event> read();

  private:
    KernelEvents(NetlinkSocket socket, std::uint32_t own_port_id)
        : socket_(std::move(socket)), own_port_id_(own_port_id) {}

    NetlinkSocket socket_;
    std::uint32_t own_port_id_;
};

}  // namespace xfrmd::daemon
