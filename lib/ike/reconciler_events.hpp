// What the reconciler says.
#pragma once

#include <string>

#include "ike/event.hpp"
#include "ike/tunnel.hpp"

namespace xfrmd::ike {

/// In FortiOS's words.
inline constexpr const char* passive_message =
    "ignoring request to establish IPsec SA, gateway is in passive mode";

inline Event tunnel_event(const Tunnel& tunnel, Severity severity, std::string message) {
    Event event;
    event.kind = EventKind::tunnel_supervised;
    event.severity = severity;
    event.message = std::move(message);
    event.phase1 = tunnel.name();
    return event;
}

/// Why a phase 2 is not started.
inline Event phase2_event(const Tunnel& tunnel, std::size_t phase2, Reason reason,
                          std::string message) {
    Event event = tunnel_event(tunnel, Severity::warning, std::move(message));
    event.kind = EventKind::child_sa_failed;
    event.phase2 = tunnel.phase1->phase2s[phase2].name;
    event.reason = reason;
    return event;
}

}  // namespace xfrmd::ike
