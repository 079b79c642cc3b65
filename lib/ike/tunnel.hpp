// A configured phase 1 at work: its numbers in the kernel, the IKE SAs that serve it, and how its
// phase 2s are doing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/ip_address.hpp"
#include "base/strong.hpp"
#include "config/model.hpp"
#include "ike/desired_state.hpp"
#include "ike/phase2_state.hpp"

namespace xfrmd::ike {

/// Where a tunnel begins and ends, as far as that is known.
struct TunnelEnds {
    std::optional<IpAddress> local;
    std::optional<IpAddress> remote;

    friend bool operator==(const TunnelEnds&, const TunnelEnds&) = default;
};

/// The machine did not send a datagram to the peer.
struct SendFailure {
    Instant at;
    int error = 0;  ///< an errno
};

struct Tunnel {
    std::shared_ptr<const config::Phase1> phase1;
    std::uint64_t number = 0;       ///< owner of its timers; never used twice
    IfId if_id;                     ///< of its XFRM interface; 0 for policy-based tunnels
    std::vector<Reqid> reqids;      ///< even ones, one for each phase 2, in its order
    std::set<IkeSpi> ike_sas;       ///< by our SPI; a dial-up server has thousands
    bool interface_exists = false;  ///< made by us; what was there before is somebody else's
    bool held_down = false;         ///< by an operator, until told otherwise
    bool standby = false;           ///< a backup whose monitored phase 1s are up
    bool is_up = false;             ///< a phase 2 of it is up
    /// The peer's address: configured, or what its name was resolved to last.
    std::optional<IpAddress> remote;
    bool resolving = false;                  ///< its peer's name is being looked up
    std::vector<Phase2State> phase2_states;  ///< one for each phase 2, in its order
    std::optional<Instant> slot;             ///< when it may start by itself; see StartPacing
    std::optional<Instant> passive_told;     ///< when it was last told that we ignore requests
    std::optional<Trouble> trouble;          ///< what went wrong last with its IKE SAs
    /// How the last caller failed that did not prove who it is: perhaps the peer, perhaps anybody.
    std::optional<Trouble> unproved_caller;
    std::optional<SendFailure> send_failure;
    Instant last_attempt;  ///< when a negotiation of ours was last begun

    /// Which phase 2s have their standing policies in the kernel, and where those lead.
    std::vector<bool> standing;
    std::optional<TunnelEnds> standing_ends;

    const std::string& name() const { return phase1->name; }
    DesiredState desired(std::size_t phase2) const {
        return desired_state(*phase1, phase1->phase2s[phase2]);
    }
    /// False for passive-mode and dial-up servers: whatever happens, the peer has to begin.
    bool may_initiate() const {
        return !phase1->passive && phase1->type != config::GatewayType::dynamic;
    }
};

}  // namespace xfrmd::ike
