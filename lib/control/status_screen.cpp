// The table of all tunnels.
#include <fmt/format.h>

#include "control/screen.hpp"
#include "control/screen_words.hpp"

namespace xfrmd::control {
namespace {

using namespace screen;

// 98 columns with the blanks between them.
constexpr std::size_t name_width = 16, peer_width = 20, state_width = 14, since_width = 8,
                      phase2_width = 7, traffic_width = 11, next_width = 16;

std::string row(const Json& tunnel, ScreenOptions options) {
    const std::string state = text_of(tunnel, "state");
    const std::string peer = text_of(tunnel, "remote", text_of(tunnel, "remote_name", "(anybody)"));
    const std::string traffic =
        amount_text(static_cast<std::uint64_t>(number_of(tunnel, "bytes_in"))) + "/" +
        amount_text(static_cast<std::uint64_t>(number_of(tunnel, "bytes_out")));
    std::string next = text_of(tunnel, "next_event", "-");
    if (tunnel.contains("next_event_seconds"))
        next += " " + duration_text(number_of(tunnel, "next_event_seconds"));
    return fmt::format(
        "{} {} {} {} {} {} {}", cell(text_of(tunnel, "name"), name_width), cell(peer, peer_width),
        paint(cell(state, state_width), tone_of(state), options),
        cell(duration_text(number_of(tunnel, "state_seconds")), since_width),
        cell(
            fmt::format("{}/{}", number_of(tunnel, "phase2_up"), number_of(tunnel, "phase2_total")),
            phase2_width),
        cell(traffic, traffic_width), cell(next, next_width));
}

/// Without the blanks at the end of the line.
std::string trimmed(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

}  // namespace

std::string status_table(const std::string& status, ScreenOptions options) {
    const Json tunnels = list_of(read(status), "tunnels");
    if (tunnels.empty()) return "no tunnel is configured\n";
    const std::string head = fmt::format(
        "{} {} {} {} {} {} {}", cell("NAME", name_width), cell("PEER", peer_width),
        cell("STATE", state_width), cell("SINCE", since_width), cell("PHASE 2", phase2_width),
        cell("BYTES I/O", traffic_width), cell("NEXT", next_width));
    std::string table = paint(trimmed(head), Tone::title, options);
    for (const Json& tunnel : tunnels)
        table += trimmed(row(tunnel, options));
    return table;
}

}  // namespace xfrmd::control
