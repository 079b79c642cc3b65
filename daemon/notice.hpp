// What the daemon itself has to tell, beside the engine's events.
#pragma once

#include <cstdint>
#include <string>

#include "ike/event.hpp"

namespace xfrmd::daemon {

/// One kind for each sort of news; each has a MESSAGE_ID of its own in the journal.
enum class NoticeKind : std::uint8_t {
    started,
    stopping,
    configuration_problem,  ///< one line of what is wrong with a file
    configuration_refused,  ///< nothing of it is applied
    algorithm_missing,      ///< the kernel refused a configured ESP algorithm
    feature_missing,        ///< the kernel or the machine lacks something else
    transmit_failed,        ///< a datagram could not be sent
    leftovers_removed,      ///< state of a daemon that crashed
    kernel_events_lost,     ///< the kernel's queue to us overflowed
    key_log_enabled,
    commanded,             ///< an operator asked for something over the control socket
    journal_entries_lost,  ///< the log was full, or lines were over the limit
    failed,                ///< the daemon ends because of this
};

struct Notice {
    NoticeKind kind{};
    ike::Severity severity = ike::Severity::info;
    std::string message{};  ///< one line for people
    std::string phase1{};   ///< empty: not about one
};

}  // namespace xfrmd::daemon
