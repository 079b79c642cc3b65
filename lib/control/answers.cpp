#include "control/answers.hpp"

#include <nlohmann/json.hpp>

#include "control/event_json.hpp"
#include "control/explain.hpp"
#include "control/interface_description.hpp"
#include "control/tunnel_json.hpp"

namespace xfrmd::control {

std::string empty_answer() {
    return reply_frame(Json::object());
}

std::string info_answer() {
    return reply_frame(service_info());
}

std::string description_answer(std::string_view description) {
    return reply_frame({{"description", description}});
}

std::string status_answer(std::span<const ike::TunnelOverview> tunnels, Instant now,
                          bool continues) {
    Json status = {{"version", api_version}, {"tunnels", Json::array()}};
    for (const ike::TunnelOverview& tunnel : tunnels)
        status["tunnels"].push_back(to_json(tunnel, now));
    return reply_frame(status, continues);
}

std::string explain_answer(const ike::TunnelOverview& tunnel, std::string_view phase2,
                           Instant now) {
    Json explanations = Json::array();
    for (const ike::Phase2View& one : tunnel.phase2s)
        if (phase2.empty() || one.name == phase2)
            explanations.push_back(to_json(explain(tunnel, one, now), now));
    return reply_frame({{"explanations", explanations}});
}

std::string event_answer(const ike::Event* event, std::string_view message_id, std::uint64_t lost) {
    Json told = Json::object();
    if (event != nullptr) told["event"] = to_json(*event, message_id);
    told["lost"] = lost;
    return reply_frame(told, true);
}

std::string counters_answer(const ike::Tally& tally, const DaemonNumbers& numbers) {
    return reply_frame(to_json(tally, numbers));
}

std::string plan_answer(const config::Difference& difference,
                        const std::vector<std::string>& warnings) {
    Json changes = Json::array();
    for (const config::Change& change : difference.changes)
        changes.push_back(to_json(change));
    return reply_frame(
        {{"summary", difference.summary()}, {"changes", changes}, {"warnings", warnings}});
}

std::string reload_answer(const std::vector<std::string>& warnings) {
    return reply_frame({{"warnings", warnings}});
}

}  // namespace xfrmd::control
