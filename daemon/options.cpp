#include "daemon/options.hpp"

#include <CLI/CLI.hpp>
#include <sstream>

namespace xfrmd::daemon {
namespace {

constexpr const char* footer =
    "Exit status: 0 success, 1 failure at run time, 2 wrong usage, 3 wrong configuration,\n"
    "4 missing privileges, 5 the kernel lacks what is needed.";

EarlyExit early_exit(const CLI::App& app, const CLI::ParseError& error) {
    std::ostringstream out, err;
    const bool good = app.exit(error, out, err) == 0;
    return {.code = good ? ExitCode::ok : ExitCode::usage, .text = out.str() + err.str()};
}

}  // namespace

std::variant<Options, EarlyExit> parse_options(int count, const char* const* arguments) {
    Options options;
    std::string config = options.config, key_log, control = options.control;
    std::vector<std::string> check, show_full;
    bool schema = false, sweep = false;

    CLI::App app("xfrmd - IKEv2 daemon for the kernel's IPsec", "xfrmd");
    app.set_version_flag("--version", "xfrmd " XFRMD_VERSION);
    app.add_option("--config", config, "configuration; conf.d/*.json beside it is read too")
        ->type_name("FILE")
        ->capture_default_str();
    auto* check_option = app.add_option("--check", check, "report what is wrong with the files")
                             ->type_name("FILE")
                             ->expected(0, CLI::detail::expected_max_vector_size);
    auto* show_option =
        app.add_option("--show-full", show_full, "print the files with every default expanded")
            ->type_name("FILE")
            ->expected(0, CLI::detail::expected_max_vector_size);
    auto* schema_option =
        app.add_flag("--schema", schema, "print the JSON Schema of the configuration");
    auto* key_log_option =
        app.add_option("--debug-key-log", key_log,
                       "append the keys of every IKE SA for Wireshark: gives the traffic away")
            ->type_name("FILE");
    auto* sweep_option = app.add_flag(
        "--sweep", sweep, "remove all that xfrmd has left in the kernel; not while it runs");
    app.add_option("--control", control, "socket of the control API; \"\" for none")
        ->type_name("PATH")
        ->capture_default_str();
    check_option->excludes(show_option)->excludes(schema_option)->excludes(key_log_option);
    show_option->excludes(schema_option)->excludes(key_log_option);
    schema_option->excludes(key_log_option);
    for (auto* other : {check_option, show_option, schema_option, key_log_option})
        sweep_option->excludes(other);
    app.footer(footer);

    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        return early_exit(app, error);
    }
    options.config = config;
    options.control = control;
    if (!key_log.empty()) options.key_log = key_log;
    if (schema) options.action = Action::schema;
    if (sweep) options.action = Action::sweep;
    if (check_option->count() > 0) options.action = Action::check;
    if (show_option->count() > 0) options.action = Action::show_full;
    const auto& files = options.action == Action::check ? check : show_full;
    for (const std::string& file : files)
        if (!file.empty()) options.files.emplace_back(file);
    return options;
}

}  // namespace xfrmd::daemon
