// What a command would be without effect for, told to whoever gives it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ike/tunnel_overview.hpp"

namespace xfrmd::control {

/// Why nothing would be started of a phase 2, or of all if it has no name; nothing if something is,
/// or all is up already.
std::optional<std::string> why_not_up(const ike::TunnelOverview& tunnel, std::string_view phase2);

/// Why a phase 2, or the IKE SA if it has no name, would get no other keys.
std::optional<std::string> why_not_rekey(const ike::TunnelOverview& tunnel,
                                         std::string_view phase2);

}  // namespace xfrmd::control
