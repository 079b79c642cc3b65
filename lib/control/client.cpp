#include "control/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/frames.hpp"
#include "control/interface_description.hpp"
#include "control/reply.hpp"

namespace xfrmd::control {
namespace {

/// The one text that most errors have.
std::string first_text(const Json& parameters) {
    for (const Json& value : parameters)
        if (value.is_string()) return value.get<std::string>();
    return {};
}

std::string lines_of(const Json& parameters) {
    std::string lines;
    if (const auto found = parameters.find("errors"); found != parameters.end())
        for (const Json& line : *found)
            if (line.is_string()) lines += "\n  " + line.get<std::string>();
    return lines;
}

std::string problem_of(const std::string& error, const Json& parameters) {
    if (error == error_name::no_such_tunnel)
        return fmt::format("there is no phase 1 or phase 2 \"{}\": see xfrmctl status",
                           first_text(parameters));
    if (error == error_name::not_possible) return "nothing is done: " + first_text(parameters);
    if (error == error_name::configuration_wrong)
        return "the configuration is wrong: nothing of it is applied" + lines_of(parameters);
    if (error == error_name::permission_denied)
        return "permission denied: that is for root (see \"control-group\" in xfrmd.json(5))";
    if (error == error_name::stopping) return "xfrmd is stopping";
    if (error == error_name::busy) return "xfrmd does that for somebody else already: try again";
    if (error == error_name::too_many_clients) return "xfrmd has too many clients";
    if (error == error_name::invalid_parameter)
        return "xfrmd does not accept the parameter " + first_text(parameters);
    if (error == error_name::method_not_found)
        return "this xfrmd is another version: it has no " + first_text(parameters);
    return error + " " + to_text(parameters);
}

Json parse(std::string_view text) {
    Json json = Json::parse(text, nullptr, false);
    return json.is_object() ? json : Json::object();
}

/// The lists of that name in all replies, in their order.
Json joined(const std::vector<std::string>& replies, const char* name) {
    Json all = Json::array();
    for (const std::string& reply : replies) {
        const Json part = parse(reply);
        if (const auto found = part.find(name); found != part.end())
            for (const Json& one : *found)
                all.push_back(one);
    }
    return all;
}

}  // namespace

std::string call_frame(std::string_view method, const CallParameters& parameters, bool more) {
    Json call = Json::object();
    call["method"] = fmt::format("{}.{}", control_interface, method);
    Json& given = call["parameters"] = Json::object();
    for (const auto& [name, text] : parameters)
        if (!text.empty()) given[name] = text;
    if (more) call["more"] = true;
    return frame(to_text(call));
}

std::optional<ReplyText> read_reply(std::string_view message) {
    if (!keeps_within(message, {.octets = longest_reply, .depth = 32, .values = 1U << 20}))
        return std::nullopt;
    const Json json = Json::parse(message, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    ReplyText reply;
    Json parameters = Json::object();
    if (const auto found = json.find("parameters"); found != json.end() && found->is_object())
        parameters = *found;
    reply.parameters = to_text(parameters);
    if (const auto found = json.find("error"); found != json.end() && found->is_string()) {
        reply.error = found->get<std::string>();
        reply.problem = problem_of(reply.error, parameters);
    }
    if (const auto found = json.find("continues"); found != json.end() && found->is_boolean())
        reply.continues = found->get<bool>();
    return reply;
}

std::string join_status(const std::vector<std::string>& replies) {
    Json whole = Json::object();
    whole["version"] = api_version;
    whole["tunnels"] = joined(replies, "tunnels");
    return to_text(whole);
}

std::string join_offload(const std::vector<std::string>& replies) {
    return to_text({{"devices", joined(replies, "devices")}});
}

std::string indented(const std::string& json) {
    return parse(json).dump(2, ' ', false, Json::error_handler_t::replace);
}

bool is_up(const std::string& status, std::string_view phase2) {
    const Json whole = parse(status);
    std::size_t meant = 0;
    for (const Json& tunnel : whole.value("tunnels", Json::array()))
        for (const Json& one : tunnel.value("phase2s", Json::array())) {
            if (!phase2.empty() && one.value("name", "") != phase2) continue;
            if (one.value("state", "") != "up") return false;
            ++meant;
        }
    return meant > 0;
}

bool has_phase2(const std::string& status, std::string_view phase2) {
    const Json whole = parse(status);
    for (const Json& tunnel : whole.value("tunnels", Json::array()))
        for (const Json& one : tunnel.value("phase2s", Json::array()))
            if (one.value("name", "") == phase2) return true;
    return false;
}

std::vector<std::string> names_in(const std::string& status) {
    std::vector<std::string> names;
    const Json whole = parse(status);
    for (const Json& tunnel : whole.value("tunnels", Json::array())) {
        names.push_back(tunnel.value("name", ""));
        for (const Json& phase2 : tunnel.value("phase2s", Json::array()))
            names.push_back(phase2.value("name", ""));
    }
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    return names;
}

}  // namespace xfrmd::control
