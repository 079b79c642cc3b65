// The other end of the API: what a client sends, and what it makes of the answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xfrmd::control {

/// A reply may be long (a status of a few tunnels with all their SAs), but not without end.
inline constexpr std::size_t longest_reply = 4U << 20;

/// Names and texts; empty texts are left out.
using CallParameters = std::vector<std::pair<std::string, std::string>>;

/// A call with its frame. `method` is one of io.xfrmd.Control: "Status".
std::string call_frame(std::string_view method, const CallParameters& parameters, bool more);

/// A reply with its parameters as JSON text.
struct ReplyText {
    std::string parameters;
    std::string error;    ///< its full name; empty: none
    std::string problem;  ///< the error in words for people
    bool continues = false;
};

/// Nothing if the message is no reply.
std::optional<ReplyText> read_reply(std::string_view message);

/// The replies of a Status with `more` as one object: {"version": 1, "tunnels": [...]}.
std::string join_status(const std::vector<std::string>& replies);
/// Those of an Offload: {"devices": [...]}.
std::string join_offload(const std::vector<std::string>& replies);

/// The same JSON over several lines, for people.
std::string indented(const std::string& json);

/// The phase 2s of a Status of one phase 1 are all up, or the one that is named.
bool is_up(const std::string& status, std::string_view phase2);
bool has_phase2(const std::string& status, std::string_view phase2);
/// The names of all phase 2s in it, and of its phase 1.
std::vector<std::string> names_in(const std::string& status);

}  // namespace xfrmd::control
