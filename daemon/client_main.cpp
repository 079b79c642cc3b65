// xfrmctl, the command of the daemon. See xfrmctl(8).
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

#include "daemon/client_commands.hpp"

int main(int count, char** arguments) {
    using namespace xfrmd::daemon;
    try {
        const auto parsed = parse_client_options(count, arguments, isatty(STDOUT_FILENO) == 1);
        if (const auto* early = std::get_if<ClientEarlyExit>(&parsed)) {
            fmt::print(early->code == ClientExit::ok ? stdout : stderr, "{}", early->text);
            return static_cast<int>(early->code);
        }
        return static_cast<int>(run_client(std::get<ClientOptions>(parsed)));
    } catch (const std::exception& error) {
        fmt::print(stderr, "xfrmctl: {}\n", error.what());
        return static_cast<int>(ClientExit::failure);
    }
}
