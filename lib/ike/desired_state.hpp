// Where the configuration wants a phase 2: all that decides who may start a negotiation, and when.
#pragma once

#include <cstdint>

#include "config/model.hpp"

namespace xfrmd::ike {

enum class DesiredState : std::uint8_t {
    up,         ///< at once and always, tried every five seconds (auto-negotiate)
    on_demand,  ///< when traffic or an operator asks
    passive,    ///< when the peer asks, and then only (passive-mode)
    server,     ///< the same, for peers that dial in from anywhere (type dynamic)
};

inline DesiredState desired_state(const config::Phase1& phase1, const config::Phase2& phase2) {
    if (phase1.type == config::GatewayType::dynamic) return DesiredState::server;
    if (phase1.passive) return DesiredState::passive;
    return phase2.auto_negotiate ? DesiredState::up : DesiredState::on_demand;
}

/// True if we may start a negotiation for it at all.
constexpr bool may_initiate(DesiredState state) {
    return state == DesiredState::up || state == DesiredState::on_demand;
}

}  // namespace xfrmd::ike
