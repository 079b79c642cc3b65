#include "config/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace xfrmd::config {

namespace {

/// More of a value does not help to find it.
constexpr std::size_t max_shown_octets = 80;
/// Slips: one letter in a short word, two in a longer one.
constexpr std::size_t short_word = 5;

/// RFC 6901 section 3: "~" and "/" in a key.
std::string escape_pointer_token(std::string_view key) {
    std::string token;
    for (char c : key) {
        if (c == '~')
            token += "~0";
        else if (c == '/')
            token += "~1";
        else
            token += c;
    }
    return token;
}

/// Control characters would let a file write to a terminal or forge lines of a journal.
std::string printable(std::string_view text) {
    std::string line;
    for (char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x20 || octet == 0x7f)
            line += fmt::format("\\u{:04x}", octet);
        else
            line += c;
    }
    return line;
}

/// Cuts at a boundary of UTF-8.
std::string shortened(std::string_view text) {
    if (text.size() <= max_shown_octets) return std::string(text);
    std::size_t end = max_shown_octets;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return std::string(text.substr(0, end)) + "...";
}

/// Looking through more names than this costs more than the hint is worth.
constexpr std::size_t max_candidates = 1000;
constexpr std::size_t longest_word = 64;
/// One more than the slips that are taken for slips.
constexpr std::size_t too_far = 3;

/// Insertions, deletions, substitutions and swaps of neighbours that turn a into b.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const std::size_t differs = a[i - 1] == b[j - 1] ? 0 : 1;
            cost[i][j] =
                std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + differs});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[a.size()][b.size()];
}

}  // namespace

Place Place::below(std::string_view key, unsigned line_of_key) const {
    return {file, line_of_key, pointer + "/" + escape_pointer_token(key)};
}

std::string Place::to_text() const {
    return fmt::format("{} ({}:{})", pointer, file, line);
}

std::string Problem::to_text() const {
    std::string text = file;
    if (line != 0) text += fmt::format(":{}", line);
    if (column != 0) text += fmt::format(":{}", column);
    text += ": ";
    if (severity == Severity::warning) text += "warning: ";
    if (!pointer.empty()) text += pointer + ": ";
    if (!value.empty()) text += value + ": ";
    text += message;
    if (!remedy.empty()) text += "; " + remedy;
    return printable(text);
}

std::string in_quotes(std::string_view text) {
    return "\"" + shortened(text) + "\"";
}

void Report::error(const Place& place, std::string value, Complaint complaint) {
    add({.severity = Problem::Severity::error,
         .file = place.file,
         .line = place.line,
         .column = 0,
         .pointer = place.pointer,
         .value = std::move(value),
         .message = std::move(complaint.message),
         .remedy = std::move(complaint.remedy)});
}

void Report::warning(const Place& place, std::string value, Complaint complaint) {
    add({.severity = Problem::Severity::warning,
         .file = place.file,
         .line = place.line,
         .column = 0,
         .pointer = place.pointer,
         .value = std::move(value),
         .message = std::move(complaint.message),
         .remedy = std::move(complaint.remedy)});
}

void Report::add(Problem problem) {
    if (problem.severity == Problem::Severity::error) has_errors_ = true;
    if (problems_.size() < max_problems)
        problems_.push_back(std::move(problem));
    else
        ++left_out_;
}

std::vector<Problem> Report::take(std::span<const std::string> file_order) && {
    std::vector<std::size_t> order(problems_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t index) {
        const Problem& problem = problems_[index];
        const auto file = std::ranges::find(file_order, problem.file);
        return std::tuple(file - file_order.begin(), problem.line, index);
    });
    std::vector<Problem> sorted;
    for (const std::size_t index : order)
        sorted.push_back(std::move(problems_[index]));
    if (left_out_ != 0) {
        Problem rest;
        rest.severity = has_errors_ ? Problem::Severity::error : Problem::Severity::warning;
        rest.file = sorted.back().file;
        rest.message = fmt::format("{} more problems are not shown", left_out_);
        sorted.push_back(std::move(rest));
    }
    return sorted;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.size() > longest_word || candidates.size() > max_candidates) return {};
    std::size_t best_distance = word.size() <= short_word ? too_far - 1 : too_far;
    std::string_view best;
    for (std::string_view candidate : candidates) {
        if (candidate.size() + too_far <= word.size() || word.size() + too_far <= candidate.size())
            continue;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance >= best_distance || distance >= candidate.size()) continue;
        best_distance = distance;
        best = candidate;
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    const std::string_view candidate = nearest(word, candidates);
    return candidate.empty() ? std::string() : fmt::format("did you mean \"{}\"?", candidate);
}

}  // namespace xfrmd::config
