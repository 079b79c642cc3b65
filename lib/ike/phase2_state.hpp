// How a phase 2 is doing: what the reconciler remembers of it, for itself and for status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/strong.hpp"
#include "base/time.hpp"
#include "ike/reason.hpp"
#include "ike/trouble.hpp"
#include "xfrm/event.hpp"

namespace xfrmd::ike {

enum class Phase2Status : std::uint8_t { down, negotiating, up };

/// What the kernel counted.
struct ChildTraffic {
    std::uint64_t packets_in = 0, packets_out = 0;
    std::uint64_t bytes_in = 0, bytes_out = 0;
};

/// Plain values; a phase 2 of a dial-up server has one state for all of its peers.
struct Phase2State {
    Phase2Status status = Phase2Status::down;
    Instant since;                        ///< when it got that status
    Instant down_since;                   ///< when it was up last, whatever was tried since then
    std::optional<Reason> reason;         ///< why it is down, if it was ever tried or up
    std::string why;                      ///< the same in words
    std::optional<Instant> next_attempt;  ///< of auto-negotiate; none: nothing is planned
    bool asked = false;                   ///< an operator or traffic wants it now
    IkeSpi attempt;  ///< ours, of the IKE SA whose IKE_AUTH asks for it; 0: none does
    /// What the kernel asked for and waits for: the newest.
    std::optional<xfrm::Acquire> acquire;
    std::optional<Trouble> trouble;  ///< what went wrong last; none once it is up
    ChildTraffic past;               ///< of Child SAs that are gone, as last read
};

}  // namespace xfrmd::ike
