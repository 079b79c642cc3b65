#include "control/json.hpp"

#include <nlohmann/json.hpp>

namespace xfrmd::control {

bool keeps_within(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.octets) return false;
    std::size_t depth = 0, values = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            in_string = !in_string;
        } else if (in_string) {
            if (c == '\\') ++i;
        } else if (c == '{' || c == '[') {
            ++values;
            if (++depth > limits.depth) return false;
        } else if (c == '}' || c == ']') {
            if (depth > 0) --depth;
        } else if (c == ',') {
            ++values;
        }
        if (values > limits.values) return false;
    }
    return true;
}

std::string to_text(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace xfrmd::control
