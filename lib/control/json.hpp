// JSON as the control API uses it: objects keep the order in which they were made.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace xfrmd::control {

using Json = nlohmann::ordered_json;

/// What a client may send: a call is a name and a few words.
struct JsonLimits {
    std::size_t octets = 16 * 1024;
    std::size_t depth = 8;     ///< objects and lists within each other
    std::size_t values = 256;  ///< members of objects and elements of lists, all together
};

/// True if the text keeps within the limits. Judged before it is parsed, in one pass and without
/// memory of its own; whether it is JSON at all is the parser's to say.
bool keeps_within(std::string_view text, const JsonLimits& limits);

/// Text in one line. Octets that are no UTF-8 become U+FFFD: some texts have a peer's words.
std::string to_text(const Json& json);

}  // namespace xfrmd::control
