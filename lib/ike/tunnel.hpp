// A configured phase 1 at work: its numbers in the kernel and the IKE SAs that serve it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/ip_address.hpp"
#include "base/strong.hpp"
#include "config/model.hpp"

namespace xfrmd::ike {

/// Where a tunnel begins and ends, as far as that is known.
struct TunnelEnds {
    std::optional<IpAddress> local;
    std::optional<IpAddress> remote;

    friend bool operator==(const TunnelEnds&, const TunnelEnds&) = default;
};

struct Tunnel {
    std::shared_ptr<const config::Phase1> phase1;
    std::uint64_t number = 0;       ///< owner of its timers; never used twice
    IfId if_id;                     ///< of its XFRM interface; 0 for policy-based tunnels
    std::vector<Reqid> reqids;      ///< one for each phase 2, in its order
    std::vector<IkeSpi> ike_sas;    ///< by our SPI, oldest first
    bool interface_exists = false;  ///< made by us; what was there before is somebody else's
    bool held_down = false;         ///< by an operator, until told otherwise

    /// The peer's address: configured, or what its name was resolved to last.
    std::optional<IpAddress> remote;
    /// Which phase 2s have their standing policies in the kernel, and where those lead.
    std::vector<bool> standing;
    std::optional<TunnelEnds> standing_ends;

    const std::string& name() const { return phase1->name; }
    /// True if the phase 2s of this tunnel may start a negotiation by themselves.
    bool may_initiate() const {
        return !phase1->passive && phase1->type != config::GatewayType::dynamic;
    }
    /// True if something of it wants to be up without being asked.
    bool wants_up() const {
        return may_initiate() && !held_down && phase1->auto_negotiate &&
               std::ranges::any_of(phase1->phase2s,
                                   [](const config::Phase2& p) { return p.auto_negotiate; });
    }
};

}  // namespace xfrmd::ike
