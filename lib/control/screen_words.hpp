// Words, numbers and colours of the screens.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "control/json.hpp"
#include "control/screen.hpp"

namespace xfrmd::control::screen {

/// "45s", "12m 5s", "3h 7m", "2d 4h"
std::string duration_text(std::int64_t seconds);
/// "812", "1.2k", "37M": powers of 1000
std::string amount_text(std::uint64_t amount);
/// As wide as asked for, cut with "~" or filled with blanks. Counts characters, not octets; control
/// characters become "?".
std::string cell(std::string_view text, std::size_t width);
/// Without control characters: some texts are a peer's.
std::string clean(std::string_view text);

enum class Tone : std::uint8_t { plain, good, middling, bad, faint, title };
/// The text in its colour, or as it is.
std::string paint(std::string_view text, Tone tone, ScreenOptions options);
/// Of a tunnel's or phase 2's state, a finding's verdict or an event's level.
Tone tone_of(std::string_view word);

/// A member, or what stands for it when it is missing or something else.
std::string text_of(const Json& object, const char* name, std::string_view otherwise = "");
std::int64_t number_of(const Json& object, const char* name, std::int64_t otherwise = 0);
/// A list; empty if there is none.
Json list_of(const Json& object, const char* name);
Json read(const std::string& text);

}  // namespace xfrmd::control::screen
