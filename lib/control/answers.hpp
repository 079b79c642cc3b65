// The answers of the control API, each as a frame that can be sent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/diff.hpp"
#include "control/reply.hpp"
#include "ike/event.hpp"
#include "ike/tally.hpp"
#include "ike/tunnel_overview.hpp"

namespace xfrmd::control {

/// What Counters tells beside the engine's tally.
struct DaemonNumbers {
    Duration uptime{};
    std::size_t tunnels = 0;
    std::size_t ike_sas = 0;
    std::size_t half_open = 0;
    std::uint64_t journal_entries_lost = 0;
};

std::string empty_answer();
std::string info_answer();
std::string description_answer(std::string_view description);
/// `continues`: more tunnels follow in another reply.
std::string status_answer(std::span<const ike::TunnelOverview> tunnels, Instant now,
                          bool continues);
/// Of one phase 2, or of all if it has no name.
std::string explain_answer(const ike::TunnelOverview& tunnel, std::string_view phase2, Instant now);
/// Another one always follows. Without an event: that events are told from now on.
std::string event_answer(const ike::Event* event, std::string_view message_id, std::uint64_t lost);
std::string counters_answer(const ike::Tally& tally, const DaemonNumbers& numbers);
/// What a reload would do.
std::string plan_answer(const config::Difference& difference,
                        const std::vector<std::string>& warnings);
std::string reload_answer(const std::vector<std::string>& warnings);

}  // namespace xfrmd::control
