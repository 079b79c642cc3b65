// Events, explanations, planned changes and counters as the API's types.
#pragma once

#include <string_view>

#include "control/answers.hpp"
#include "control/explain.hpp"
#include "control/json.hpp"
#include "ike/event.hpp"

namespace xfrmd::control {

/// "child-sa-established": the names of the kinds of events.
const char* kind_name(ike::EventKind kind);

Json to_json(const ike::Event& event, std::string_view message_id);
Json to_json(const Explanation& explanation, Instant now);
Json to_json(const config::Change& change);

Json to_json(const ike::Tally& tally, const DaemonNumbers& numbers);

}  // namespace xfrmd::control
