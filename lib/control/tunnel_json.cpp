#include "control/tunnel_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

#include "control/summary.hpp"
#include "ike/ike_sa.hpp"

namespace xfrmd::control {
namespace {

/// The port of IKE with ESP in UDP (RFC 7296 section 2.23).
constexpr std::uint16_t encapsulation_port = 4500;

std::int64_t seconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

void put(Json& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}

/// A time to come, or one that is over, in whole seconds.
void put_until(Json& object, const char* name, const std::optional<Instant>& at, Instant now) {
    if (at) object[name] = std::max<std::int64_t>(0, seconds(*at - now));
}

void put_ago(Json& object, const char* name, const std::optional<Instant>& at, Instant now) {
    if (at) object[name] = std::max<std::int64_t>(0, seconds(now - *at));
}

std::string hex(IkeSpi spi) {
    return fmt::format("{:016x}", spi.value());
}

std::string hex(EspSpi spi) {
    return fmt::format("{:08x}", spi.value());
}

std::string lower(std::string text) {
    for (char& c : text) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (c == '_') c = '-';
    }
    return text;
}

const char* name_of(xfrm::OffloadMode mode) {
    static constexpr std::array names{"none", "crypto", "packet"};
    return names[static_cast<std::size_t>(mode)];
}

/// As the configuration spells it.
const char* name_of(config::Offload offload) {
    static constexpr std::array names{"auto", "packet", "crypto", "none"};
    return names[static_cast<std::size_t>(offload)];
}

Json shortfalls_of(const ike::ChildOffload& offload) {
    Json list = Json::array();
    for (const ike::OffloadShortfall& shortfall : offload.shortfalls) {
        Json json = Json::object();
        json["mode"] = name_of(shortfall.mode);
        json["reason"] = shortfall.why;
        list.push_back(std::move(json));
    }
    return list;
}

Json kernel_sa(const xfrm::SaStatus& sa, const std::string& device,
               const std::optional<Instant>& last, Instant now) {
    Json json = Json::object();
    json["spi"] = hex(sa.spi);
    json["cipher"] = sa.cipher;
    json["key_bits"] = sa.key_bits;
    put(json, "integrity", sa.integrity);
    json["esn"] = sa.esn;
    json["replay_window"] = sa.replay_window;
    json["offload"] = name_of(sa.offload);
    put(json, "offload_device", device);
    json["bytes"] = sa.bytes;
    json["packets"] = sa.packets;
    json["integrity_failures"] = sa.integrity_failures;
    json["replays"] = sa.replays;
    put_ago(json, "last_packet_seconds_ago", last, now);
    return json;
}

const char* state_of(const ike::ChildSaView& child) {
    if (!child.installed) return "installing";
    if (child.replaced) return "replaced";
    return child.lost ? "lost" : "up";
}

Json child_sa(const ike::ChildSaView& child, Instant now) {
    Json json = Json::object();
    json["state"] = state_of(child);
    json["initiated"] = child.initiated;
    json["suite"] = child.suite;
    json["mode"] = child.mode == xfrm::Mode::tunnel ? "tunnel" : "transport";
    json["local"] = child.local;
    json["remote"] = child.remote;
    json["spi_in"] = hex(child.spi_in);
    json["spi_out"] = hex(child.spi_out);
    json["age_seconds"] = child.installed ? seconds(now - child.established_at) : 0;
    put_until(json, "rekey_seconds", child.rekey_at, now);
    put_until(json, "expires_seconds", child.expires_at, now);
    if (child.inbound.spi != EspSpi(0))
        json["inbound"] = kernel_sa(child.inbound, child.device_in, child.last_in, now);
    if (child.outbound.spi != EspSpi(0))
        json["outbound"] = kernel_sa(child.outbound, child.device_out, child.last_out, now);
    json["offload_asked"] = name_of(child.offload.asked);
    json["offload_required"] = child.offload.required;
    json["offload_suite_preferred"] = child.offload.suite_preferred;
    json["offload_not"] = shortfalls_of(child.offload);
    return json;
}

Json ike_sa(const ike::IkeSaView& sa, Instant now) {
    Json json = Json::object();
    json["state"] = sa.closing ? "closing" : lower(ike::to_text(sa.state));
    json["role"] = sa.role == ike::Role::initiator ? "initiator" : "responder";
    json["spi_i"] = hex(sa.spi_i);
    json["spi_r"] = hex(sa.spi_r);
    json["local"] = sa.local.to_text();
    json["remote"] = sa.remote.to_text();
    json["encapsulated"] = sa.local.port == encapsulation_port;
    put(json, "suite", sa.suite);
    put(json, "peer_identity", sa.peer_identity);
    json["age_seconds"] = seconds(now - sa.established_at.value_or(sa.began));
    if (sa.established_at)
        json["negotiation_milliseconds"] =
            std::chrono::duration_cast<std::chrono::milliseconds>(*sa.established_at - sa.began)
                .count();
    put_until(json, "rekey_seconds", sa.rekey_at, now);
    put_until(json, "expires_seconds", sa.expires_at, now);
    put_ago(json, "last_heard_seconds_ago", sa.last_heard, now);
    json["next_message_id"] = sa.next_request;
    json["transmissions"] = sa.transmissions;
    put_until(json, "gives_up_seconds", sa.gives_up_at, now);
    return json;
}

Json trouble_json(const ike::Trouble& trouble, Instant now) {
    Json json = Json::object();
    put_ago(json, "seconds_ago", trouble.at, now);
    json["link"] = to_text(trouble.link);
    json["reason"] = code(trouble.reason);
    json["message"] = trouble.message;
    json["advice"] = advice(trouble.reason);
    if (trouble.peer) json["peer"] = trouble.peer->to_text();
    return json;
}

const char* name_of(ike::Phase2Status status) {
    static constexpr std::array names{"down", "negotiating", "up"};
    return names[static_cast<std::size_t>(status)];
}

const char* name_of(ike::DesiredState desired) {
    static constexpr std::array names{"up", "on-demand", "passive", "server"};
    return names[static_cast<std::size_t>(desired)];
}

Json phase2_json(const ike::Phase2View& phase2, Instant now) {
    Json json = Json::object();
    json["name"] = phase2.name;
    json["state"] = name_of(phase2.status);
    json["state_seconds"] = phase2.since == Instant{} ? 0 : seconds(now - phase2.since);
    json["desired"] = name_of(phase2.desired);
    json["keepalive"] = phase2.keepalive;
    if (phase2.reason) json["reason"] = code(*phase2.reason);
    put(json, "why", phase2.why);
    put_until(json, "next_attempt_seconds", phase2.next_attempt, now);
    json["local"] = phase2.local;
    json["remote"] = phase2.remote;
    json["proposals"] = phase2.proposals;
    json["packets_in"] = phase2.total.packets_in;
    json["packets_out"] = phase2.total.packets_out;
    json["bytes_in"] = phase2.total.bytes_in;
    json["bytes_out"] = phase2.total.bytes_out;
    if (phase2.trouble) json["trouble"] = trouble_json(*phase2.trouble, now);
    Json& children = json["child_sas"] = Json::array();
    for (const ike::ChildSaView& child : phase2.children)
        children.push_back(child_sa(child, now));
    return json;
}

const char* dpd_state(const ike::TunnelOverview& tunnel) {
    if (tunnel.config->dpd == config::DpdMode::disable) return "unwatched";
    const char* state = "unknown";
    for (const ike::IkeSaView& sa : tunnel.ike_sas)
        if (sa.state == ike::StateName::established)
            state = sa.transmissions > 1 ? "asked" : "alive";
    return state;
}

Json dpd_json(const ike::TunnelOverview& tunnel) {
    static constexpr std::array modes{"disable", "on-demand", "on-idle"};
    Json json = Json::object();
    json["mode"] = modes[static_cast<std::size_t>(tunnel.config->dpd)];
    json["interval_milliseconds"] = tunnel.config->dpd_retry_interval.count();
    json["retries"] = tunnel.config->dpd_retry_count;
    json["state"] = dpd_state(tunnel);
    return json;
}

void put_ends(Json& json, const ike::TunnelOverview& tunnel) {
    static constexpr std::array types{"static", "ddns", "dynamic"};
    json["type"] = types[static_cast<std::size_t>(tunnel.config->type)];
    json["passive"] = tunnel.config->passive;
    json["route_based"] = tunnel.config->route_based;
    json["interface"] = tunnel.device.name;
    json["interface_up"] = tunnel.device.up;
    if (tunnel.local) json["local"] = tunnel.local->to_text();
    if (tunnel.remote) json["remote"] = tunnel.remote->to_text();
    put(json, "remote_name", tunnel.config->remote_gateway_name);
}

}  // namespace

Json to_json(const ike::TunnelOverview& tunnel, Instant now) {
    const Summary summary = summary_of(tunnel, now);
    Json json = Json::object();
    json["name"] = tunnel.config->name;
    json["state"] = to_text(summary.state);
    json["state_seconds"] = summary.since == Instant{} ? 0 : seconds(now - summary.since);
    put_ends(json, tunnel);
    json["phase2_up"] = summary.up;
    json["phase2_total"] = tunnel.phase2s.size();
    json["bytes_in"] = summary.total.bytes_in;
    json["bytes_out"] = summary.total.bytes_out;
    if (summary.next) {
        json["next_event"] = summary.next->what;
        put_until(json, "next_event_seconds", summary.next->at, now);
    }
    json["dpd"] = dpd_json(tunnel);
    if (tunnel.trouble) json["trouble"] = trouble_json(*tunnel.trouble, now);
    if (tunnel.unproved_caller)
        json["unproved_caller"] = trouble_json(*tunnel.unproved_caller, now);
    Json& sas = json["ike_sas"] = Json::array();
    for (const ike::IkeSaView& sa : tunnel.ike_sas)
        sas.push_back(ike_sa(sa, now));
    Json& phase2s = json["phase2s"] = Json::array();
    for (const ike::Phase2View& phase2 : tunnel.phase2s)
        phase2s.push_back(phase2_json(phase2, now));
    return json;
}

}  // namespace xfrmd::control
