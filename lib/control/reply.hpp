// Replies of the control API: parameters, or an error with its name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/json.hpp"

namespace xfrmd::control {

/// The errors of the API, by their full names.
namespace error_name {
inline constexpr std::string_view interface_not_found = "org.varlink.service.InterfaceNotFound";
inline constexpr std::string_view method_not_found = "org.varlink.service.MethodNotFound";
inline constexpr std::string_view invalid_parameter = "org.varlink.service.InvalidParameter";
inline constexpr std::string_view permission_denied = "org.varlink.service.PermissionDenied";
inline constexpr std::string_view expected_more = "org.varlink.service.ExpectedMore";
inline constexpr std::string_view no_such_tunnel = "io.xfrmd.Control.NoSuchTunnel";
inline constexpr std::string_view not_possible = "io.xfrmd.Control.NotPossible";
inline constexpr std::string_view configuration_wrong = "io.xfrmd.Control.ConfigurationWrong";
inline constexpr std::string_view stopping = "io.xfrmd.Control.Stopping";
inline constexpr std::string_view busy = "io.xfrmd.Control.Busy";
inline constexpr std::string_view too_many_clients = "io.xfrmd.Control.TooManyClients";
}  // namespace error_name

/// An error and what it is about.
struct ErrorReply {
    std::string_view name;
    std::string parameter{};            ///< the name of its one parameter; empty: it has none
    std::vector<std::string> values{};  ///< a text, or the lines of `errors`
};

ErrorReply interface_not_found(std::string name);
ErrorReply method_not_found(std::string name);
ErrorReply invalid_parameter(std::string name);
ErrorReply no_such_tunnel(std::string name);
ErrorReply not_possible(std::string reason);
ErrorReply configuration_wrong(std::vector<std::string> lines);

/// A reply with its frame; `continues` says that another one follows.
std::string reply_frame(const Json& parameters, bool continues = false);
std::string error_frame(const ErrorReply& error);

}  // namespace xfrmd::control
