// Watches the machine's routes: which way packets take decides which device may carry their SAs.
#pragma once

#include <chrono>
#include <expected>
#include <string>

#include "daemon/netlink_socket.hpp"

namespace xfrmd::daemon {

class RouteWatch {
  public:
    /// Changes come in bursts, and the engine looks at all of its SAs then.
    static constexpr std::chrono::milliseconds pause{200};

    /// The error is a phrase with the cause.
    static std::expected<RouteWatch, std::string> open();

    int descriptor() const { return socket_.descriptor(); }
    /// Reads what has come, without waiting; whether routes, or rules for them, have changed.
    bool read();

  private:
    explicit RouteWatch(NetlinkSocket socket) : socket_(std::move(socket)) {}

    NetlinkSocket socket_;
};

}  // namespace xfrmd::daemon
