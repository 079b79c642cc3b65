#include "control/reply.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "control/frames.hpp"

namespace xfrmd::control {

ErrorReply interface_not_found(std::string name) {
    return {error_name::interface_not_found, "interface", {std::move(name)}};
}

ErrorReply method_not_found(std::string name) {
    return {error_name::method_not_found, "method", {std::move(name)}};
}

ErrorReply invalid_parameter(std::string name) {
    return {error_name::invalid_parameter, "parameter", {std::move(name)}};
}

ErrorReply no_such_tunnel(std::string name) {
    return {error_name::no_such_tunnel, "name", {std::move(name)}};
}

ErrorReply not_possible(std::string reason) {
    return {error_name::not_possible, "reason", {std::move(reason)}};
}

ErrorReply configuration_wrong(std::vector<std::string> lines) {
    return {error_name::configuration_wrong, "errors", std::move(lines)};
}

std::string reply_frame(const Json& parameters, bool continues) {
    Json reply = Json::object();
    reply["parameters"] = parameters;
    if (continues) reply["continues"] = true;
    return frame(to_text(reply));
}

std::string error_frame(const ErrorReply& error) {
    Json reply = Json::object();
    reply["error"] = error.name;
    Json& parameters = reply["parameters"] = Json::object();
    if (error.parameter == "errors")
        parameters["errors"] = error.values;
    else if (!error.parameter.empty() && !error.values.empty())
        parameters[error.parameter] = error.values.front();
    return frame(to_text(reply));
}

}  // namespace xfrmd::control
