#include "daemon/commands.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "daemon/configuration.hpp"
#include "daemon/service_user.hpp"
#include "daemon/sweep_command.hpp"

namespace xfrmd::daemon {
namespace {

void print_lines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
        fmt::print(stderr, "{}\n", line);
}

/// Prints problems; the credentials of the service are nobody else's to read.
Configuration load(const Options& options) {
    const ConfigTexts texts =
        options.files.empty() ? read_configuration(options.config) : read_files(options.files);
    Configuration configuration = load_configuration(texts, Credentials::assumed);
    print_lines(configuration.errors);
    print_lines(configuration.warnings);
    return configuration;
}

ExitCode check(const Options& options) {
    const Configuration configuration = load(options);
    if (!configuration.config) return ExitCode::configuration;
    if (options.files.empty()) print_lines(problems_of_service_user(options, configuration));
    return ExitCode::ok;
}

ExitCode show_full(const Options& options) {
    const Configuration configuration = load(options);
    if (!configuration.config || !configuration.settings) return ExitCode::configuration;
    fmt::print("{}\n", config::show_full(*configuration.settings));
    return ExitCode::ok;
}

ExitCode schema() {
    fmt::print("{}\n", config::json_schema());
    return ExitCode::ok;
}

}  // namespace

ExitCode run_command(const Options& options) {
    switch (options.action) {
        case Action::check: return check(options);
        case Action::show_full: return show_full(options);
        case Action::schema: return schema();
        case Action::sweep: return run_sweep(options.control);
        case Action::run: break;
    }
    return ExitCode::usage;
}

}  // namespace xfrmd::daemon
