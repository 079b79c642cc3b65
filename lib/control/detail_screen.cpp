// All of one tunnel.
#include <fmt/format.h>

#include "control/screen.hpp"
#include "control/screen_words.hpp"

namespace xfrmd::control {
namespace {

using namespace screen;

constexpr std::size_t label_width = 12;

class Page {
  public:
    explicit Page(ScreenOptions options) : options_(options) {}

    void title(std::size_t indent, const std::string& name, const std::string& state,
               const std::string& rest) {
        text_ +=
            fmt::format("{}{} {}{}\n", std::string(indent, ' '), paint(name, Tone::title, options_),
                        paint(state, tone_of(state), options_), rest);
    }
    void line(std::size_t indent, std::string_view label, const std::string& value) {
        if (!value.empty())
            text_ +=
                fmt::format("{}{} {}\n", std::string(indent, ' '), cell(label, label_width), value);
    }
    std::string take() { return std::move(text_); }

  private:
    ScreenOptions options_;
    std::string text_;
};

std::string in_seconds(const Json& object, const char* name, const char* words) {
    if (!object.contains(name)) return {};
    return fmt::format("{} {}", words, duration_text(number_of(object, name)));
}

/// The parts that are not empty, with commas.
std::string list(std::initializer_list<std::string> parts) {
    std::string text;
    for (const std::string& part : parts)
        if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
    return text;
}

void show_trouble(Page& page, std::size_t indent, const Json& object,
                  const char* member = "trouble", const char* title = "last trouble") {
    const auto found = object.find(member);
    if (found == object.end() || !found->is_object()) return;
    page.line(indent, title,
              fmt::format("{} ago at {}: {} [{}]", duration_text(number_of(*found, "seconds_ago")),
                          text_of(*found, "link"), text_of(*found, "message"),
                          text_of(*found, "reason")));
    page.line(indent, "what to do", text_of(*found, "advice"));
}

void show_ike_sa(Page& page, const Json& sa) {
    page.title(2, "IKE SA", text_of(sa, "state"),
               fmt::format(" for {}, {}", duration_text(number_of(sa, "age_seconds")),
                           text_of(sa, "role")));
    page.line(4, "spi", text_of(sa, "spi_i") + "/" + text_of(sa, "spi_r"));
    page.line(4, "addresses",
              fmt::format("{} -> {}{}", text_of(sa, "local"), text_of(sa, "remote"),
                          sa.value("encapsulated", false) ? " (UDP encapsulation)" : ""));
    page.line(4, "proposal", text_of(sa, "suite"));
    page.line(4, "peer-id", text_of(sa, "peer_identity"));
    page.line(4, "lifetime",
              list({in_seconds(sa, "rekey_seconds", "rekey in"),
                    in_seconds(sa, "expires_seconds", "ends in")}));
    if (number_of(sa, "transmissions") > 0)
        page.line(4, "request",
                  fmt::format("sent {} times, {}", number_of(sa, "transmissions"),
                              in_seconds(sa, "gives_up_seconds", "given up in")));
    if (sa.contains("last_heard_seconds_ago"))
        page.line(4, "peer heard", duration_text(number_of(sa, "last_heard_seconds_ago")) + " ago");
}

void show_kernel_sa(Page& page, const Json& child, const char* name, const char* label) {
    const auto found = child.find(name);
    if (found == child.end() || !found->is_object()) return;
    const Json& sa = *found;
    page.line(
        6, label,
        list({"spi " + text_of(sa, "spi"),
              fmt::format("{} {}", text_of(sa, "cipher"), text_of(sa, "integrity")),
              fmt::format("{} packets", number_of(sa, "packets")),
              fmt::format("{} bytes", number_of(sa, "bytes")),
              sa.contains("last_packet_seconds_ago")
                  ? fmt::format("last {} ago",
                                duration_text(number_of(sa, "last_packet_seconds_ago")))
                  : std::string("no packet yet"),
              sa.contains("offload_device")
                  ? fmt::format("offload {} on {}", text_of(sa, "offload"),
                                text_of(sa, "offload_device"))
                  : std::string("in software"),
              number_of(sa, "integrity_failures") > 0
                  ? fmt::format("{} damaged", number_of(sa, "integrity_failures"))
                  : std::string(),
              number_of(sa, "replays") > 0 ? fmt::format("{} replayed", number_of(sa, "replays"))
                                           : std::string()}));
}

/// What was asked for, and why there is not more; nothing if it was not asked for.
std::string offload_text(const Json& child) {
    const std::string asked = text_of(child, "offload_asked");
    if (asked.empty() || asked == "none") return {};
    std::string text =
        asked + (child.value("offload_required", false) ? ", required, asked for" : " asked for");
    if (child.value("offload_suite_preferred", false)) text += "; decided the order of suites";
    for (const Json& denied : list_of(child, "offload_not"))
        text += fmt::format("; not {}: {}", text_of(denied, "mode"), text_of(denied, "reason"));
    return text;
}

void show_child(Page& page, const Json& child) {
    page.title(4, "IPsec SA", text_of(child, "state"),
               fmt::format(" for {}, {} {}", duration_text(number_of(child, "age_seconds")),
                           text_of(child, "suite"), text_of(child, "mode")));
    page.line(6, "selectors", text_of(child, "local") + " <-> " + text_of(child, "remote"));
    page.line(6, "lifetime",
              list({in_seconds(child, "rekey_seconds", "rekey in"),
                    in_seconds(child, "expires_seconds", "ends in")}));
    show_kernel_sa(page, child, "inbound", "in");
    show_kernel_sa(page, child, "outbound", "out");
    page.line(6, "offload", offload_text(child));
}

void show_phase2(Page& page, const Json& phase2) {
    page.title(2, "phase 2 " + text_of(phase2, "name"), text_of(phase2, "state"),
               " since " + duration_text(number_of(phase2, "state_seconds")));
    page.line(4, "selectors", text_of(phase2, "local") + " <-> " + text_of(phase2, "remote"));
    page.line(4, "proposal", text_of(phase2, "proposals"));
    page.line(4, "wanted",
              list({text_of(phase2, "desired"),
                    phase2.value("keepalive", false) ? "keepalive" : std::string()}));
    page.line(4, "traffic",
              fmt::format("{} packets {} bytes in, {} packets {} bytes out",
                          number_of(phase2, "packets_in"), number_of(phase2, "bytes_in"),
                          number_of(phase2, "packets_out"), number_of(phase2, "bytes_out")));
    if (text_of(phase2, "state") != "up" && phase2.contains("reason"))
        page.line(4, "why",
                  fmt::format("{} [{}]", text_of(phase2, "why"), text_of(phase2, "reason")));
    page.line(4, "next attempt", in_seconds(phase2, "next_attempt_seconds", "in"));
    show_trouble(page, 4, phase2);
    for (const Json& child : list_of(phase2, "child_sas"))
        show_child(page, child);
}

void show_tunnel(Page& page, const Json& tunnel) {
    page.title(0, text_of(tunnel, "name"), text_of(tunnel, "state"),
               " since " + duration_text(number_of(tunnel, "state_seconds")));
    page.line(2, "gateway",
              fmt::format("{} -> {} ({}{})", text_of(tunnel, "local", "no address"),
                          text_of(tunnel, "remote", text_of(tunnel, "remote_name", "anybody")),
                          text_of(tunnel, "type"),
                          tunnel.value("passive", false) ? ", passive-mode" : ""));
    page.line(2, "interface",
              fmt::format("{}{}", text_of(tunnel, "interface"),
                          tunnel.value("interface_up", false) ? "" : " (down or missing)"));
    if (const auto dpd = tunnel.find("dpd"); dpd != tunnel.end() && dpd->is_object())
        page.line(2, "dpd",
                  fmt::format("{}, every {} ms, {} times: peer {}", text_of(*dpd, "mode"),
                              number_of(*dpd, "interval_milliseconds"), number_of(*dpd, "retries"),
                              text_of(*dpd, "state")));
    if (tunnel.contains("next_event"))
        page.line(2, "next",
                  fmt::format("{} in {}", text_of(tunnel, "next_event"),
                              duration_text(number_of(tunnel, "next_event_seconds"))));
    show_trouble(page, 2, tunnel);
    if (!tunnel.contains("trouble"))
        show_trouble(page, 2, tunnel, "unproved_caller", "unproved caller");
    for (const Json& sa : list_of(tunnel, "ike_sas"))
        show_ike_sa(page, sa);
    for (const Json& phase2 : list_of(tunnel, "phase2s"))
        show_phase2(page, phase2);
}

}  // namespace

std::string status_details(const std::string& status, ScreenOptions options) {
    Page page(options);
    for (const Json& tunnel : list_of(read(status), "tunnels"))
        show_tunnel(page, tunnel);
    return page.take();
}

}  // namespace xfrmd::control
