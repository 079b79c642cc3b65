// Explanations, events, plans and counters.
#include <fmt/format.h>

#include "control/screen.hpp"
#include "control/screen_words.hpp"

namespace xfrmd::control {
namespace {

using namespace screen;

constexpr std::size_t link_width = 16, verdict_width = 12;

void add_value(std::string& text, const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {} {}\n", cell(label, link_width), value);
}

std::string explanation(const Json& explained, ScreenOptions options) {
    const std::string state = text_of(explained, "state");
    std::string text = fmt::format(
        "{} {}\n",
        paint(fmt::format("{} / {}", text_of(explained, "phase1"), text_of(explained, "phase2")),
              Tone::title, options),
        paint(state, tone_of(state), options));
    for (const Json& finding : list_of(explained, "chain")) {
        const std::string verdict = text_of(finding, "verdict");
        std::string line =
            fmt::format("  {} {} {}", cell(text_of(finding, "link"), link_width),
                        paint(cell(verdict, verdict_width), tone_of(verdict), options),
                        text_of(finding, "text"));
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    if (explained.contains("reason")) add_value(text, "reason", text_of(explained, "reason"));
    add_value(text, "our value", text_of(explained, "ours"));
    add_value(text, "peer's value", text_of(explained, "theirs"));
    if (explained.contains("next_attempt_seconds"))
        add_value(text, "next attempt",
                  "in " + duration_text(number_of(explained, "next_attempt_seconds")));
    add_value(text, "what to do", text_of(explained, "advice"));
    return text;
}

}  // namespace

std::string explanation_text(const std::string& reply, ScreenOptions options) {
    std::string text;
    for (const Json& explained : list_of(read(reply), "explanations"))
        text += explanation(explained, options);
    return text;
}

std::string event_line(const std::string& reply, ScreenOptions options) {
    const Json json = read(reply);
    std::string line;
    if (const auto lost = number_of(json, "lost"); lost > 0)
        line = fmt::format("({} events were too fast to be shown)\n", lost);
    const auto found = json.find("event");
    if (found == json.end() || !found->is_object()) return line;
    const std::string level = text_of(*found, "level");
    const std::string phase1 = text_of(*found, "phase1");
    const std::string reason = text_of(*found, "reason");
    return line + fmt::format("{} {}{}{}\n", paint(cell(level, 7), tone_of(level), options),
                              phase1.empty() ? "" : phase1 + ": ", text_of(*found, "message"),
                              reason.empty() ? "" : " [" + reason + "]");
}

std::string plan_text(const std::string& reply, ScreenOptions options) {
    std::string text;
    const Json plan = read(reply);
    for (const Json& change : list_of(plan, "changes")) {
        const std::string impact = text_of(change, "impact");
        text += fmt::format(
            "{} {}\n",
            paint(cell(impact, 8), impact == "none" ? Tone::good : Tone::middling, options),
            text_of(change, "text"));
    }
    return text + text_of(plan, "summary") + "\n";
}

std::string counters_text(const std::string& reply) {
    std::string text;
    const Json counters = read(reply);
    for (const auto& [name, value] : counters.items())
        if (value.is_number())
            text += fmt::format("{} {}\n", cell(name, 24), number_of(counters, name.c_str()));
    for (const Json& exchange : list_of(counters, "exchanges"))
        text += fmt::format("{} {} started, {} answered\n", cell(text_of(exchange, "name"), 24),
                            number_of(exchange, "started"), number_of(exchange, "answered"));
    for (const Json& failure : list_of(counters, "failures"))
        text += fmt::format("{} {} failures\n", cell(text_of(failure, "reason"), 24),
                            number_of(failure, "count"));
    return text;
}

}  // namespace xfrmd::control
