// What the daemon tells, as fields: rendered for journald or for a terminal.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/notice.hpp"
#include "ike/event.hpp"

namespace xfrmd::daemon {

struct JournalEntry {
    std::string message_id;
    ike::Severity severity = ike::Severity::info;
    std::string message;
    std::string phase1;     ///< empty: not about one
    std::string reason;     ///< its code; empty: none
    bool labelled = false;  ///< the message says itself whether it is a warning
    std::vector<std::pair<std::string, std::string>> fields;  ///< the XFRMD_ ones, phase 1 included
};

JournalEntry to_entry(const ike::Event& event);
JournalEntry to_entry(const Notice& notice);

/// Parts of a message can be a peer's words: control characters and what is no UTF-8 become "\x1b",
/// and what exceeds the limit of a line is cut.
std::string escape_controls(std::string_view text);

/// The native protocol of systemd-journald: NAME=value lines, one datagram an entry.
std::string to_journal_datagram(const JournalEntry& entry);

/// "warning: to-hq: the peer is silent [peer-silent]" with its newline.
std::string to_terminal_line(const JournalEntry& entry);

}  // namespace xfrmd::daemon
