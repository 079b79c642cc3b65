// The command line of xfrmd; described in xfrmd(8).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/exit_code.hpp"
#include "daemon/stream_listener.hpp"

namespace xfrmd::daemon {

enum class Action : std::uint8_t { run, check, show_full, schema, sweep };

struct Options {
    Action action = Action::run;
    std::filesystem::path config = "/etc/xfrmd/xfrmd.json";
    std::vector<std::filesystem::path>
        files;  ///< of `check` and `show_full`; empty: `config`'s set
    std::optional<std::filesystem::path> key_log;
    std::filesystem::path control = default_control_path;  ///< empty: no control socket
};

/// What to print instead of doing anything: help, the version, or what is wrong.
struct EarlyExit {
    ExitCode code = ExitCode::ok;
    std::string text;
};

std::variant<Options, EarlyExit> parse_options(int count, const char* const* arguments);

}  // namespace xfrmd::daemon
