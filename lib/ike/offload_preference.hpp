// "offload-prefer-suites": what a device takes over is offered first.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "ike/input_output.hpp"

namespace xfrmd::ike {

/// The proposals with those first that the device was seen to take, packet mode before crypto mode;
/// among equals the configured order stands.
std::vector<config::EspProposal> prefer_offloaded(const std::vector<config::EspProposal>& proposals,
                                                  std::string_view device,
                                                  std::span<const OffloadTake> takes);

}  // namespace xfrmd::ike
