#include "control/screen_words.hpp"

#include <fmt/format.h>

#include <array>

namespace xfrmd::control::screen {
namespace {

constexpr bool starts_character(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) != 0x80;
}

}  // namespace

std::string duration_text(std::int64_t seconds) {
    constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24 * hour;
    if (seconds < minute) return fmt::format("{}s", seconds);
    if (seconds < hour) return fmt::format("{}m {}s", seconds / minute, seconds % minute);
    if (seconds < day) return fmt::format("{}h {}m", seconds / hour, seconds % hour / minute);
    return fmt::format("{}d {}h", seconds / day, seconds % day / hour);
}

std::string amount_text(std::uint64_t amount) {
    static constexpr std::array units{"", "k", "M", "G", "T", "P", "E"};
    std::size_t unit = 0;
    auto value = static_cast<double>(amount);
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    if (unit == 0) return fmt::format("{}", amount);
    return value < 9.95 ? fmt::format("{:.1f}{}", value, units[unit])
                        : fmt::format("{:.0f}{}", value, units[unit]);
}

std::string clean(std::string_view text) {
    std::string cleaned;
    for (const char c : text)
        cleaned += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return cleaned;
}

std::string cell(std::string_view text, std::size_t width) {
    const std::string cleaned = clean(text);
    std::size_t characters = 0;
    std::size_t cut = cleaned.size();
    for (std::size_t i = 0; i < cleaned.size(); ++i) {
        if (!starts_character(cleaned[i])) continue;
        if (++characters == width) cut = i;
    }
    if (characters > width) return cleaned.substr(0, cut) + "~";
    return cleaned + std::string(width - characters, ' ');
}

std::string paint(std::string_view text, Tone tone, ScreenOptions options) {
    static constexpr std::array codes{"", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[2m", "\x1b[1m"};
    if (!options.color || tone == Tone::plain) return std::string(text);
    return fmt::format("{}{}\x1b[0m", codes[static_cast<std::size_t>(tone)], text);
}

Tone tone_of(std::string_view word) {
    if (word == "up" || word == "ok") return Tone::good;
    if (word == "down" || word == "out-of-service" || word == "broken" || word == "error" ||
        word == "lost")
        return Tone::bad;
    if (word == "not-reached" || word == "standby" || word == "debug") return Tone::faint;
    if (word == "info" || word == "notice") return Tone::plain;
    return Tone::middling;
}

std::string text_of(const Json& object, const char* name, std::string_view otherwise) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) return std::string(otherwise);
    return clean(found->get<std::string>());
}

std::int64_t number_of(const Json& object, const char* name, std::int64_t otherwise) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_integer()) return otherwise;
    return found->get<std::int64_t>();
}

Json list_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    Json list = Json::array();
    if (found == object.end() || !found->is_array()) return list;
    for (const Json& item : *found)
        if (item.is_object()) list.push_back(item);
    return list;
}

Json read(const std::string& text) {
    Json json = Json::parse(text, nullptr, false);
    return json.is_object() ? json : Json::object();
}

}  // namespace xfrmd::control::screen
