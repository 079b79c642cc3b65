// What xfrmctl shows of the API's replies, as text. Pure functions: the replies are JSON texts.
#pragma once

#include <string>
#include <string_view>

namespace xfrmd::control {

struct ScreenOptions {
    bool color = false;  ///< a terminal is there
};

/// A line for each tunnel, no wider than 100 columns.
std::string status_table(const std::string& status, ScreenOptions options);
/// All that is known of each tunnel.
std::string status_details(const std::string& status, ScreenOptions options);
/// The chain of each phase 2.
std::string explanation_text(const std::string& reply, ScreenOptions options);
/// One line; empty for a reply without an event.
std::string event_line(const std::string& reply, ScreenOptions options);
/// A line for each change, and the sum.
std::string plan_text(const std::string& reply, ScreenOptions options);
/// A table for each device that offers ESP offload, no wider than 100 columns, and below it why
/// something was not taken. One line if there is none.
std::string offload_text(const std::string& reply, ScreenOptions options);
std::string counters_text(const std::string& reply);

}  // namespace xfrmd::control
