// A phase 1 at work as the API's type Tunnel.
#pragma once

#include "control/json.hpp"
#include "ike/tunnel_overview.hpp"

namespace xfrmd::control {

Json to_json(const ike::TunnelOverview& tunnel, Instant now);

}  // namespace xfrmd::control
