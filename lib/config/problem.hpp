// What is wrong with a configuration, so that an administrator can mend it without a manual.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xfrmd::config {

/// Where something stands: "/phase2-interface/to-hq/proposal/1" in line 12 of a file.
struct Place {
    std::string file;
    unsigned line = 0;    ///< from 1; 0 if no line is to blame
    std::string pointer;  ///< RFC 6901; empty for the whole file

    /// The place of a member or list item below this one.
    Place below(std::string_view key, unsigned line_of_key) const;
    /// "/phase1-interface/hub/type (xfrmd.json:12)", for messages that name a second place.
    std::string to_text() const;
};

/// Why a value is not taken, and what would be right. Never holds a secret.
struct Complaint {
    std::string message;
    std::string remedy{};
};

struct Problem {
    enum class Severity : std::uint8_t { error, warning };

    Severity severity = Severity::error;
    std::string file;
    unsigned line = 0;
    unsigned column = 0;  ///< from 1, for errors of syntax; otherwise 0
    std::string pointer;
    std::string value;  ///< as JSON; empty if there is none to show, "***" for a secret
    std::string message;
    std::string remedy;

    /// `FILE:LINE: /pointer: VALUE: message; remedy`, one line whatever the file holds. A warning
    /// has the word "warning" behind the line.
    std::string to_text() const;
};

/// A value with quotes, as a message shows it; long ones are cut.
std::string in_quotes(std::string_view text);

/// Collects the problems of one run.
class Report {
  public:
    /// A file that is wrong from end to end must not fill memory or the journal.
    static constexpr std::size_t max_problems = 1000;

    void error(const Place& place, std::string value, Complaint complaint);
    void warning(const Place& place, std::string value, Complaint complaint);
    void add(Problem problem);

    bool has_errors() const { return has_errors_; }
    /// All problems, those of one file together and by line.
    std::vector<Problem> take(std::span<const std::string> file_order) &&;

  private:
    std::vector<Problem> problems_;
    std::size_t left_out_ = 0;
    bool has_errors_ = false;
};

/// The candidate that differs from `word` by a typing slip, or an empty view.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
/// `did you mean "proposal"?`, or nothing if no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace xfrmd::config
