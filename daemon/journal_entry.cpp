#include "daemon/journal_entry.hpp"

#include <fmt/format.h>

#include <iterator>

#include "daemon/message_id.hpp"

namespace xfrmd::daemon {
namespace {

/// Longer than any message of ours; a pipe takes a line of this size in one piece (PIPE_BUF).
constexpr std::size_t longest_text = 2048;

constexpr bool is_continuation(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) == 0x80;
}

/// Octets of the printable character that `text` starts with; 0 if it does not start with one.
/// Sequences are those of RFC 3629; U+0080 to U+009F are control characters.
std::size_t printable_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
    const std::size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                               : first >= 0xe0 && first <= 0xef ? 3
                               : first >= 0xf0 && first <= 0xf4 ? 4
                                                                : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!is_continuation(text[i])) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    const bool is_c1_control = first == 0xc2 && second < 0xa0;
    const bool is_overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool is_outside = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
    return is_c1_control || is_overlong || is_outside ? 0 : length;
}

void add_field(JournalEntry& entry, const char* name, std::string value) {
    if (!value.empty()) entry.fields.emplace_back(name, std::move(value));
}

void add_spi(JournalEntry& entry, const char* name, IkeSpi spi) {
    if (spi != IkeSpi{}) add_field(entry, name, fmt::format("{:016x}", spi.value()));
}

void add_spi(JournalEntry& entry, const char* name, EspSpi spi) {
    if (spi != EspSpi{}) add_field(entry, name, fmt::format("{:08x}", spi.value()));
}

/// What a terminal shows in front; the journal has its own colours.
std::string_view severity_prefix(ike::Severity severity) {
    switch (severity) {
        case ike::Severity::error: return "error: ";
        case ike::Severity::warning: return "warning: ";
        case ike::Severity::notice:
        case ike::Severity::info:
        case ike::Severity::debug: return "";
    }
    return "";
}

/// A refusal says what to look at; other lines stay as they are, scripts know their words.
bool calls_for_advice(ike::EventKind kind) {
    return kind == ike::EventKind::ike_sa_failed || kind == ike::EventKind::child_sa_failed ||
           kind == ike::EventKind::kernel_refused;
}

std::string message_of(const ike::Event& event) {
    if (!event.reason || !calls_for_advice(event.kind)) return event.message;
    return fmt::format("{}; {}", event.message, ike::advice(*event.reason));
}

}  // namespace

JournalEntry to_entry(const ike::Event& event) {
    JournalEntry entry{.message_id = message_id(event.kind),
                       .severity = event.severity,
                       .message = message_of(event),
                       .phase1 = event.phase1,
                       .reason = event.reason ? ike::code(*event.reason) : "",
                       .fields = {}};
    add_field(entry, "XFRMD_PHASE1", event.phase1);
    add_field(entry, "XFRMD_PHASE2", event.phase2);
    if (event.peer) add_field(entry, "XFRMD_PEER", event.peer->to_text());
    add_spi(entry, "XFRMD_IKE_SPI_I", event.spi_i);
    add_spi(entry, "XFRMD_IKE_SPI_R", event.spi_r);
    add_spi(entry, "XFRMD_ESP_SPI_IN", event.esp_spi_in);
    add_spi(entry, "XFRMD_ESP_SPI_OUT", event.esp_spi_out);
    if (event.reason) add_field(entry, "XFRMD_REASON", ike::code(*event.reason));
    return entry;
}

JournalEntry to_entry(const Notice& notice) {
    JournalEntry entry{.message_id = message_id(notice.kind),
                       .severity = notice.severity,
                       .message = notice.message,
                       .phase1 = notice.phase1,
                       .reason = {},
                       .labelled = notice.kind == NoticeKind::configuration_problem,
                       .fields = {}};
    add_field(entry, "XFRMD_PHASE1", notice.phase1);
    return entry;
}

std::string escape_controls(std::string_view text) {
    std::string escaped;
    while (!text.empty()) {
        if (escaped.size() >= longest_text) return escaped + "...";
        const std::size_t length = printable_length(text);
        if (length == 0)
            fmt::format_to(std::back_inserter(escaped), "\\x{:02x}",
                           static_cast<unsigned char>(text[0]));
        else
            escaped += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return escaped;
}

std::string to_journal_datagram(const JournalEntry& entry) {
    std::string datagram = fmt::format(
        "MESSAGE={}\nMESSAGE_ID={}\nPRIORITY={}\nSYSLOG_IDENTIFIER=xfrmd\n",
        escape_controls(entry.message), entry.message_id, static_cast<int>(entry.severity));
    for (const auto& [name, value] : entry.fields)
        fmt::format_to(std::back_inserter(datagram), "{}={}\n", name, escape_controls(value));
    return datagram;
}

std::string to_terminal_line(const JournalEntry& entry) {
    const std::string_view prefix = entry.labelled ? "" : severity_prefix(entry.severity);
    const std::string message = escape_controls(entry.message);
    const std::string reason =
        entry.reason.empty() ? std::string() : fmt::format(" [{}]", entry.reason);
    if (entry.phase1.empty()) return fmt::format("{}{}{}\n", prefix, message, reason);
    return fmt::format("{}{}: {}{}\n", prefix, escape_controls(entry.phase1), message, reason);
}

}  // namespace xfrmd::daemon
