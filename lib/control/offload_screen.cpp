// The matrix of devices, suites and modes.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "control/screen.hpp"
#include "control/screen_words.hpp"

namespace xfrmd::control {
namespace {

using namespace screen;

// 98 columns with the blanks between them and before them.
constexpr std::size_t suite_width = 40, outcome_width = 13;
constexpr std::size_t widest_line = 100;

struct Column {
    const char* title;
    const char* mode;
    const char* direction;
};
constexpr std::array columns{
    Column{"PACKET IN", "packet", "in"}, Column{"PACKET OUT", "packet", "out"},
    Column{"CRYPTO IN", "crypto", "in"}, Column{"CRYPTO OUT", "crypto", "out"}};

bool is_set(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// "aes128gcm", and what is not usual about it.
std::string suite_name(const Json& suite) {
    std::string name = text_of(suite, "suite");
    if (is_set(suite, "esn")) name += " esn";
    if (text_of(suite, "mode") == "transport") name += " transport";
    if (number_of(suite, "ip_version") == 6) name += " ipv6";
    if (is_set(suite, "interface_id")) name += " if_id";
    return name;
}

/// Texts that cells refer to by their place; equal ones stand there once.
class Footnotes {
  public:
    std::size_t number(const std::string& text) {
        const auto known = std::ranges::find(texts_, text);
        const auto place = static_cast<std::size_t>(known - texts_.begin());
        if (known == texts_.end()) texts_.push_back(text);
        return place + 1;
    }

    std::string lines() const {
        std::string lines;
        for (std::size_t i = 0; i < texts_.size(); ++i)
            lines += wrapped(fmt::format("  [{}] ", i + 1), texts_[i]);
        return lines;
    }

  private:
    /// Over as many lines as it takes; a word that is too long for one is left whole.
    static std::string wrapped(std::string line, const std::string& text) {
        const std::size_t indent = line.size();
        std::string lines;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            if (line.size() > indent && line.size() + 1 + end - at > widest_line) {
                lines += line + "\n";
                line.assign(indent, ' ');
            }
            if (line.size() > indent) line += ' ';
            line += text.substr(at, end - at);
            at = end + 1;
        }
        return lines + line + "\n";
    }

    std::vector<std::string> texts_;
};

/// "policy: EINVAL: no forward policies"
std::string reason_of(const Json& trial) {
    std::string reason = is_set(trial, "of_policy") ? "policy: " : "";
    const std::string error = text_of(trial, "error");
    const std::string message = text_of(trial, "message");
    reason += error;
    if (!error.empty() && !message.empty()) reason += ": ";
    reason += message;
    return error.empty() && message.empty() ? reason + "the kernel gave no reason" : reason;
}

std::string trial_cell(const Json& suite, const Column& column, Footnotes& notes,
                       ScreenOptions options) {
    for (const Json& trial : list_of(suite, "trials")) {
        if (text_of(trial, "mode") != column.mode) continue;
        if (text_of(trial, "direction") != column.direction) continue;
        const std::string outcome = text_of(trial, "outcome");
        if (outcome == "taken") return paint(cell(outcome, outcome_width), Tone::good, options);
        return paint(
            cell(fmt::format("{} [{}]", outcome, notes.number(reason_of(trial))), outcome_width),
            outcome == "refused" ? Tone::bad : Tone::middling, options);
    }
    return cell("-", outcome_width);
}

std::string trimmed(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

std::string titled(const Json& device) {
    const std::string driver = text_of(device, "driver");
    return text_of(device, "name") + (driver.empty() ? "" : " (" + driver + ")");
}

bool announces(const Json& device) {
    return is_set(device, "announces");
}

std::string table_of(const Json& device, ScreenOptions options) {
    std::string text = paint(titled(device), Tone::title, options) + "\n";
    std::string head = "  " + cell("SUITE", suite_width);
    for (const Column& column : columns)
        head += " " + cell(column.title, outcome_width);
    text += paint(trimmed(head), Tone::title, options);
    Footnotes notes;
    for (const Json& suite : list_of(device, "suites")) {
        std::string row = "  " + cell(suite_name(suite), suite_width);
        for (const Column& column : columns)
            row += " " + trial_cell(suite, column, notes, options);
        text += trimmed(row);
    }
    return text + notes.lines();
}

std::string leftovers_of(const Json& device) {
    std::string text;
    if (const auto found = device.find("leftovers"); found != device.end() && found->is_array())
        for (const Json& line : *found)
            if (line.is_string()) text += "  left behind: " + clean(line.get<std::string>()) + "\n";
    return text;
}

std::string line_of(const Json& device) {
    return titled(device) +
           (is_set(device, "present") ? " announces no ESP offload\n" : " is not there\n");
}

}  // namespace

std::string offload_text(const std::string& reply, ScreenOptions options) {
    const Json devices = list_of(read(reply), "devices");
    if (devices.empty()) return "no tunnel is configured\n";
    if (std::ranges::none_of(devices, announces)) {
        std::string names;
        for (const Json& device : devices)
            names += (names.empty() ? "" : ", ") + text_of(device, "name") +
                     (is_set(device, "present") ? "" : " (not there)");
        return fmt::format("no device of the configuration offers ESP offload: {}\n", names);
    }
    std::string text;
    for (const Json& device : devices)
        text += (announces(device) ? table_of(device, options) : line_of(device)) +
                leftovers_of(device);
    return text;
}

}  // namespace xfrmd::control
