// Devices that carry offloaded SAs, and what becomes of those when a device does.
//
// When a device goes down the kernel deletes what it had of IPsec, SAs and policies, and tells
// nobody. The policies are put up again at once, in software and leading to SAs that are not there:
// packets wait, and none leaves in clear text. The Child SAs get successors as soon as there is a
// way to the peer, with new keys, for the sequence numbers were lost with the device. A Child SA
// whose packets take another way, or whose device does not do ESP any more, gets a successor too;
// and so does one in software when the way leads to a device that can do ESP.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ike/engine_context.hpp"
#include "ike/ike_sa_table.hpp"

namespace xfrmd::ike {

class OffloadWatch {
  public:
    OffloadWatch(EngineContext& context, IkeSaTable& sas) : context_(context), sas_(sas) {}

    /// Judges the devices against what was known of them. Those that came up since then.
    std::set<std::string> on_interfaces_changed(std::span<const Interface> interfaces);
    void on_routes_changed();
    /// The answer to a RouteCheck.
    void on_route(IkeSa& sa, std::span<const xfrm::OperationResult> results);
    /// What the kernel holds of an SA: it may have fallen back to less offload by itself. Before
    /// the status is taken over.
    void on_status(const xfrm::SaStatus& status);

  private:
    struct Device {
        std::string name;
        bool up = false;
        bool esp_offload = false;
        std::uint32_t times_down = 0;
    };
    using Devices = std::map<std::uint32_t, Device>;

    void on_device_lost(std::uint32_t index, const std::string& why);
    void on_feature_off(std::uint32_t index);
    void lose(IkeSa& sa, ChildSa& child, const std::string& why);
    void check_route(const IkeSa& sa);
    void replace(IkeSa& sa, EspSpi spi_in, const std::string& why);
    void tell(const IkeSa& sa, const ChildSa& child, Reason reason, const std::string& what);
    void put_up(std::vector<xfrm::PolicyOperation> policies);

    EngineContext& context_;
    IkeSaTable& sas_;
    Devices devices_;
};

}  // namespace xfrmd::ike
