// What the control API describes itself with: org.varlink.service, and the text of
// io.xfrmd.Control.
#pragma once

#include <string_view>

#include "control/json.hpp"

namespace xfrmd::control {

inline constexpr std::string_view control_interface = "io.xfrmd.Control";
inline constexpr std::string_view service_interface = "org.varlink.service";
/// Of the API's form. It grows when something is removed or changes its meaning; what is only added
/// leaves it.
inline constexpr int api_version = 1;

/// The interface's description in Varlink's language; empty for an interface that is not served.
std::string_view interface_description(std::string_view interface);

/// The parameters of GetInfo's reply.
Json service_info();

}  // namespace xfrmd::control
