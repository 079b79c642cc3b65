// A phase 1 in one line: its state, and what happens to it next.
#pragma once

#include <optional>
#include <string>

#include "ike/tunnel_overview.hpp"

namespace xfrmd::control {

enum class TunnelState : std::uint8_t {
    up,           ///< all of its phase 2s
    partly_up,    ///< some of them
    negotiating,  ///< at least one, and none is up
    down,         ///< and should not be, or has failed
    waiting,      ///< for traffic, or for the peer to begin
    held_down,    ///< by an operator
    standby,      ///< as a backup
    out_of_service,
};

/// "partly-up"
const char* to_text(TunnelState state);

struct NextEvent {
    std::string what;  ///< "attempt", "IKE rekey"
    Instant at;
};

struct Summary {
    TunnelState state{};
    Instant since;  ///< of the newest change of a phase 2; attempts are none
    std::size_t up = 0;
    ike::ChildTraffic total;  ///< of all phase 2s
    std::optional<NextEvent> next;
};

Summary summary_of(const ike::TunnelOverview& tunnel, Instant now);

}  // namespace xfrmd::control
