#include "control/event_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "control/request.hpp"

namespace xfrmd::control {
namespace {

void put_text(Json& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}

template <class Spi>
void put_spi(Json& object, const char* name, Spi spi, int digits) {
    if (spi != Spi{}) object[name] = fmt::format("{:0{}x}", spi.value(), digits);
}

}  // namespace

const char* kind_name(ike::EventKind kind) {
    using enum ike::EventKind;
    switch (kind) {
        case ike_sa_state: return "ike-sa-state";
        case ike_sa_established: return "ike-sa-established";
        case ike_sa_failed: return "ike-sa-failed";
        case ike_sa_deleted: return "ike-sa-deleted";
        case child_sa_established: return "child-sa-established";
        case child_sa_state: return "child-sa-state";
        case child_sa_failed: return "child-sa-failed";
        case child_sa_deleted: return "child-sa-deleted";
        case retransmission_timeout: return "retransmission-timeout";
        case message_dropped: return "message-dropped";
        case kernel_refused: return "kernel-refused";
        case interface_created: return "interface-created";
        case interface_deleted: return "interface-deleted";
        case configuration_applied: return "configuration-applied";
        case tunnel_supervised: return "tunnel-supervised";
        case callers_refused: return "callers-refused";
        case kernel_repaired: return "kernel-repaired";
        case nat_found: return "nat-found";
        case peer_moved: return "peer-moved";
        case offload_changed: return "offload-changed";
    }
    return "other";
}

Json to_json(const ike::Event& event, std::string_view message_id) {
    Json json = Json::object();
    json["message_id"] = message_id;
    json["kind"] = kind_name(event.kind);
    json["level"] = level_name(event.severity);
    json["message"] = event.message;
    put_text(json, "phase1", event.phase1);
    put_text(json, "phase2", event.phase2);
    if (event.peer) json["peer"] = event.peer->to_text();
    put_spi(json, "spi_i", event.spi_i, 16);
    put_spi(json, "spi_r", event.spi_r, 16);
    put_spi(json, "esp_spi_in", event.esp_spi_in, 8);
    put_spi(json, "esp_spi_out", event.esp_spi_out, 8);
    if (event.reason) {
        json["reason"] = code(*event.reason);
        json["advice"] = advice(*event.reason);
    }
    return json;
}

Json to_json(const Explanation& explanation, Instant now) {
    static constexpr std::array states{"down", "negotiating", "up"};
    Json json = Json::object();
    json["phase1"] = explanation.phase1;
    json["phase2"] = explanation.phase2;
    json["state"] = states[static_cast<std::size_t>(explanation.state)];
    if (explanation.link) json["link"] = to_text(*explanation.link);
    if (explanation.reason) json["reason"] = code(*explanation.reason);
    put_text(json, "message", explanation.message);
    put_text(json, "ours", explanation.ours);
    put_text(json, "theirs", explanation.theirs);
    if (explanation.reason) json["advice"] = advice(*explanation.reason);
    if (explanation.next_attempt)
        json["next_attempt_seconds"] = std::max<std::int64_t>(
            0, std::chrono::duration_cast<std::chrono::seconds>(*explanation.next_attempt - now)
                   .count());
    Json& chain = json["chain"] = Json::array();
    for (const Finding& finding : explanation.chain)
        chain.push_back({{"link", to_text(finding.link)},
                         {"verdict", to_text(finding.verdict)},
                         {"text", finding.text}});
    return json;
}

Json to_json(const config::Change& change) {
    static constexpr std::array kinds{"added", "removed", "changed"};
    Json json = Json::object();
    json["kind"] = kinds[static_cast<std::size_t>(change.kind)];
    put_text(json, "phase1", change.phase1);
    put_text(json, "phase2", change.phase2);
    json["impact"] = config::to_text(change.impact);
    json["text"] = change.to_text();
    Json& options = json["options"] = Json::array();
    for (const config::OptionChange& option : change.options)
        options.push_back({{"option", option.option},
                           {"before", option.before},
                           {"after", option.after},
                           {"impact", config::to_text(option.impact)}});
    return json;
}

Json to_json(const ike::Tally& tally, const DaemonNumbers& numbers) {
    Json json = Json::object();
    json["uptime_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(numbers.uptime).count();
    json["tunnels"] = numbers.tunnels;
    json["ike_sas"] = numbers.ike_sas;
    json["half_open"] = numbers.half_open;
    json["ike_sas_established"] = tally.ike_sas_established;
    json["ike_sas_rekeyed"] = tally.ike_sas_rekeyed;
    json["child_sas_established"] = tally.child_sas_established;
    json["child_sas_rekeyed"] = tally.child_sas_rekeyed;
    json["retransmissions"] = tally.retransmissions;
    json["messages_dropped"] = tally.messages_dropped;
    json["journal_entries_lost"] = numbers.journal_entries_lost;
    Json& exchanges = json["exchanges"] = Json::array();
    for (const auto& [type, count] : tally.exchanges)
        exchanges.push_back({{"name", wire::to_text(type)},
                             {"started", count.started},
                             {"answered", count.answered}});
    Json& failures = json["failures"] = Json::array();
    for (const auto& [reason, count] : tally.failures)
        failures.push_back({{"reason", code(reason)}, {"count", count}});
    return json;
}

}  // namespace xfrmd::control
