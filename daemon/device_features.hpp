// What a network device announces that it can do, and who drives it (ethtool).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/file_descriptor.hpp"

namespace xfrmd::daemon {

class DeviceFeatures {
  public:
    /// A kernel that answers no such questions has devices without features.
    DeviceFeatures();

    /// Whether a feature of the device is on now. False for a device that is not there. Two ioctls
    /// at most, some microseconds under the kernel's rtnl lock. Changes come as RTM_NEWLINK.
    bool has(const std::string& device, std::string_view feature);
    /// Says neither which suites nor whether it does crypto or packet mode.
    bool offers_esp_offload(const std::string& device) { return has(device, "esp-hw-offload"); }
    /// The driver's name, "mlx5_core"; empty if it tells none.
    std::string driver(const std::string& device) const;

  private:
    std::string read_names(const std::string& device) const;

    FileDescriptor socket_;
    std::string names_;  ///< of all features, as the kernel gives them: one list for all devices
};

/// The place of a name in ethtool's list of names, each padded to ETH_GSTRING_LEN octets.
std::optional<std::size_t> feature_place(std::string_view names, std::string_view wanted);

/// Whether the feature at that place is on, by the blocks of four words that ETHTOOL_GFEATURES
/// answers. False for a place behind their end.
bool feature_is_active(std::span<const std::uint32_t> blocks, std::size_t place);

}  // namespace xfrmd::daemon
