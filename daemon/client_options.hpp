// The command line of xfrmctl; described in xfrmctl(8).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "daemon/control_client.hpp"
#include "daemon/stream_listener.hpp"

namespace xfrmd::daemon {

enum class ClientCommand : std::uint8_t {
    status,
    up,
    down,
    rekey,
    reload,
    plan,
    offload,
    explain,
    monitor,
    wait,
    counters,
    log_level,
    names,
    check,
    show_full,
};

struct ClientOptions {
    ClientCommand command{};
    std::filesystem::path socket = default_control_path;
    std::filesystem::path config = "/etc/xfrmd/xfrmd.json";
    std::vector<std::filesystem::path> files;  ///< of check and show-full
    std::string name;                          ///< of a phase 1; empty: all
    std::string phase2;
    std::string level;
    std::chrono::seconds timeout{30};
    bool json = false;
    bool color = false;
};

/// What to print instead of doing anything: help, the version, or what is wrong.
struct ClientEarlyExit {
    ClientExit code = ClientExit::ok;
    std::string text;
};

/// `terminal`: the standard output is one.
std::variant<ClientOptions, ClientEarlyExit> parse_client_options(int count,
                                                                  const char* const* arguments,
                                                                  bool terminal);

}  // namespace xfrmd::daemon
