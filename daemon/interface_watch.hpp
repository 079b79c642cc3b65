// Watches the machine's devices and addresses.
#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "daemon/device_features.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/interface_table.hpp"
#include "daemon/netlink_socket.hpp"
#include "ike/input_output.hpp"

namespace xfrmd::daemon {

class InterfaceWatch {
  public:
    /// Subscribes, then reads everything, so that no change falls between the two.
    static std::expected<InterfaceWatch, Failure> open();

    int descriptor() const { return socket_.descriptor(); }
    const InterfaceTable& table() const { return table_; }
    bool take_carrier_return() { return table_.take_carrier_return(); }

    /// Reads what has come, without waiting. All devices if something that counts differs from
    /// what was given before; several changes at once make one answer.
    std::optional<ike::InterfacesChanged> read();

  private:
    explicit InterfaceWatch(NetlinkSocket socket) : socket_(std::move(socket)) {}
    /// 0 or an errno.
    int read_everything();
    int dump(std::uint16_t type);

    NetlinkSocket socket_;
    DeviceFeatures features_;
    InterfaceTable table_;
    std::vector<ike::Interface> given_;
};

}  // namespace xfrmd::daemon
