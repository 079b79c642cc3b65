// xfrmd, the daemon. See xfrmd(8).
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "daemon/commands.hpp"
#include "daemon/daemon.hpp"
#include "daemon/options.hpp"

int main(int count, char** arguments) {
    using namespace xfrmd::daemon;
    try {
        const auto parsed = parse_options(count, arguments);
        if (const auto* early = std::get_if<EarlyExit>(&parsed)) {
            fmt::print(early->code == ExitCode::ok ? stdout : stderr, "{}", early->text);
            return static_cast<int>(early->code);
        }
        const auto& options = std::get<Options>(parsed);
        const ExitCode code =
            options.action == Action::run ? run_daemon(options) : run_command(options);
        return static_cast<int>(code);
    } catch (const std::exception& error) {
        fmt::print(stderr, "xfrmd: {}\n", error.what());
        return static_cast<int>(ExitCode::failure);
    }
}
