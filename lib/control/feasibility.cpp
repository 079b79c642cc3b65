#include "control/feasibility.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ike/ike_sa_states.hpp"

namespace xfrmd::control {
namespace {

using ike::Phase2View;
using ike::TunnelOverview;

bool is_meant(const Phase2View& phase2, std::string_view name) {
    return name.empty() || phase2.name == name;
}

std::optional<std::string> why_never_first(const TunnelOverview& tunnel) {
    if (tunnel.config->passive) return "passive-mode leaves it to the peer to begin";
    if (tunnel.config->type == config::GatewayType::dynamic)
        return "a dial-up server leaves it to its peers to begin";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> why_not_up(const TunnelOverview& tunnel, std::string_view phase2) {
    const bool is_up = std::ranges::all_of(tunnel.phase2s, [&](const Phase2View& one) {
        return !is_meant(one, phase2) || one.status == ike::Phase2Status::up;
    });
    // To end what an operator has begun is an effect.
    if (is_up || tunnel.held_down) return std::nullopt;
    if (!tunnel.in_service)
        return "it is out of service: OpenSSL on this machine lacks one of " + tunnel.proposals;
    if (tunnel.standby) return "it is a backup, and what it stands in for is up";
    return why_never_first(tunnel);
}

std::optional<std::string> why_not_rekey(const TunnelOverview& tunnel, std::string_view phase2) {
    if (auto why = why_never_first(tunnel)) return why;
    const bool has_ike_sa = std::ranges::any_of(tunnel.ike_sas, [](const ike::IkeSaView& sa) {
        return sa.state == ike::StateName::established && !sa.closing;
    });
    if (!has_ike_sa) return "the tunnel is down";
    if (phase2.empty()) return std::nullopt;
    for (const Phase2View& one : tunnel.phase2s)
        if (is_meant(one, phase2) && one.status != ike::Phase2Status::up)
            return fmt::format("phase 2 {} is down", phase2);
    return std::nullopt;
}

}  // namespace xfrmd::control
