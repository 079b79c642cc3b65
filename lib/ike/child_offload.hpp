// How much of ESP a device is to do for a Child SA, and why it does not do more.
//
// Offload is a ladder: packet mode (the device does all of ESP and its policies), crypto mode (it
// ciphers), software. A Child SA stands on one rung, with both of its SAs; it is asked for from the
// top, and what a device or a driver refuses sends it one rung down. The configuration says where
// the top is and, with offload-require, that there is nothing below it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

/// Why a Child SA has less than this mode.
struct OffloadShortfall {
    xfrm::OffloadMode mode{};
    std::string why;  ///< the kernel's and the driver's words, or what forbids it
};

struct ChildOffload {
    config::Offload asked = config::Offload::none;
    bool required = false;
    bool no_device = false;  ///< no device of this machine announces that it can do ESP
    /// The rungs that are left, the best first; its first one is what the SAs are asked for.
    std::vector<xfrm::OffloadMode> rungs;
    std::vector<OffloadShortfall> shortfalls;  ///< of the rungs above, the best first
    std::uint32_t device = 0;                  ///< index of the one on the way to the peer; 0: none
    std::string device_name;
    /// The order of suites was not the configured one, for the device takes some of them.
    bool suite_preferred = false;
    /// The kernel does not have its SAs any more, for the device went: it waits for a successor.
    bool lost = false;

    xfrm::OffloadMode rung() const {
        return rungs.empty() ? xfrm::OffloadMode::none : rungs.front();
    }
    /// What the SAs are asked for; nothing: software.
    std::optional<xfrm::OffloadRequest> request() const {
        if (rung() == xfrm::OffloadMode::none) return std::nullopt;
        return xfrm::OffloadRequest{device, rung()};
    }
    /// What the policies are asked for: they are a device's business in packet mode only.
    std::optional<xfrm::OffloadRequest> policy_request() const {
        return rung() == xfrm::OffloadMode::packet ? request() : std::nullopt;
    }
};

}  // namespace xfrmd::ike
