// The table of "daemon".
#include <array>

#include "config/sections.hpp"

namespace xfrmd::config {

namespace {

constexpr std::array rows{
    option<DaemonEntry, &DaemonEntry::half_open_limit>(
        "embryonic-limit", number(50, 20000), Renews::nothing,
        "How many negotiations that peers began may be unfinished at a time."),
    option<DaemonEntry, &DaemonEntry::half_open_limit_per_address>(
        "embryonic-limit-per-address", number(1, 20000), Renews::nothing,
        "How many of them may come from one IPv4 address or one IPv6 /64."),
    option<DaemonEntry, &DaemonEntry::cookie_threshold>(
        "cookie-threshold", number(0, 20000), Renews::nothing,
        "From how many of them on callers must first prove their addresses (COOKIE). 0: always."),
    option<DaemonEntry, &DaemonEntry::control_group>(
        "control-group", text(32), Renews::nothing,
        "A group whose members may ask for the status; only root changes anything."),
    option<DaemonEntry, &DaemonEntry::metrics>(
        "metrics", text(100), Renews::nothing,
        "Where Prometheus gets metrics: \"127.0.0.1:9578\", \"[::1]:9578\", or a socket's path."),
};

constexpr std::array foreign_rows{
    ForeignOption{"ike-port", {"500"}, "this version listens on the ports 500 and 4500"},
    ForeignOption{"ike-tcp-port", {}, "this version does not support IKE over TCP"},
    ForeignOption{"dh-keypair-cache", {}, "xfrmd never uses a private value twice"},
    ForeignOption{"dh-multiprocess", {}, "xfrmd runs in one thread"},
};

}  // namespace

std::span<const Option<DaemonEntry>> daemon_options() {
    return rows;
}

std::span<const ForeignOption> daemon_foreign() {
    return foreign_rows;
}

}  // namespace xfrmd::config
