#include "daemon/client_options.hpp"

#include <CLI/CLI.hpp>
#include <sstream>

namespace xfrmd::daemon {
namespace {

constexpr const char* client_footer =
    "Exit status: 0 success, 1 refused or failed, 2 wrong usage, 3 wrong configuration,\n"
    "4 permission denied, 6 xfrmd is not running, 7 not in time.";

/// The subcommands with their parameters, and which of them was given.
class CommandLine {
  public:
    explicit CommandLine(ClientOptions& options) : options_(options) {}

    CLI::App& add(CLI::App& app, const char* name, const char* meaning, ClientCommand command) {
        CLI::App* added = app.add_subcommand(name, meaning);
        added->callback([this, command] { options_.command = command; });
        added->add_flag("--json", options_.json, "print the API's JSON");
        return *added;
    }
    CLI::App& with_name(CLI::App& command, bool required) {
        command.add_option("NAME", options_.name, "a phase 1")->required(required);
        return command;
    }
    CLI::App& with_phase2(CLI::App& command) {
        command.add_option("PHASE2", options_.phase2, "one of its phase 2s");
        return command;
    }
    void with_files(CLI::App& command) {
        command.add_option("FILE", files, "files instead of the daemon's configuration");
        command.add_option("--config", config, "the daemon's configuration")
            ->type_name("FILE")
            ->capture_default_str();
    }

    std::vector<std::string> files;
    std::string config;

  private:
    ClientOptions& options_;
};

void add_commands(CLI::App& app, CommandLine& line, ClientOptions& options,
                  std::uint32_t& timeout) {
    line.with_name(line.add(app, "status", "the tunnels, or all of one", ClientCommand::status),
                   false);
    line.with_phase2(
        line.with_name(line.add(app, "up", "establish a tunnel now", ClientCommand::up), true));
    line.with_name(line.add(app, "down", "end a tunnel until it is wanted up", ClientCommand::down),
                   true);
    line.with_phase2(line.with_name(
        line.add(app, "rekey", "other keys for the IKE SA or a phase 2", ClientCommand::rekey),
        true));
    line.add(app, "reload", "read the configuration again", ClientCommand::reload);
    line.add(app, "plan", "what reload would do now", ClientCommand::plan);
    line.add(app, "offload", "what devices take over of ESP, by trial", ClientCommand::offload);
    line.with_phase2(line.with_name(
        line.add(app, "explain", "why a tunnel is as it is", ClientCommand::explain), true));
    CLI::App& monitor = line.with_name(
        line.add(app, "monitor", "events as they come", ClientCommand::monitor), false);
    monitor.add_option("--level", options.level, "error, warning, notice, info or debug");
    CLI::App& wait = line.with_phase2(
        line.with_name(line.add(app, "wait", "until a tunnel is up", ClientCommand::wait), true));
    wait.add_option("--timeout", timeout, "seconds")->capture_default_str();
    line.add(app, "counters", "what was done since the daemon's start", ClientCommand::counters);
    line.add(app, "log-level", "what goes into the journal", ClientCommand::log_level)
        .add_option("LEVEL", options.level, "error, warning, notice, info or debug")
        ->required();
    line.add(app, "names", "the names of phase 1s and phase 2s", ClientCommand::names);
    line.with_files(
        line.add(app, "check", "what is wrong with the configuration", ClientCommand::check));
    line.with_files(line.add(app, "show-full", "the configuration with every default",
                             ClientCommand::show_full));
}

}  // namespace

std::variant<ClientOptions, ClientEarlyExit> parse_client_options(int count,
                                                                  const char* const* arguments,
                                                                  bool terminal) {
    ClientOptions options;
    std::string socket = options.socket;
    std::string color = "auto";
    auto timeout = static_cast<std::uint32_t>(options.timeout.count());
    CommandLine line(options);
    line.config = options.config;

    CLI::App app("xfrmctl - control of xfrmd, the IKEv2 daemon", "xfrmctl");
    app.set_version_flag("--version", "xfrmctl " XFRMD_VERSION);
    app.add_option("--socket", socket, "where xfrmd listens")
        ->type_name("PATH")
        ->capture_default_str();
    app.add_option("--color", color, "always, never, or auto: on a terminal")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
    app.require_subcommand(1);
    app.footer(client_footer);
    add_commands(app, line, options, timeout);
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out, err;
        const bool good = app.exit(error, out, err) == 0;
        return ClientEarlyExit{.code = good ? ClientExit::ok : ClientExit::usage,
                               .text = out.str() + err.str()};
    }
    options.socket = socket;
    options.config = line.config;
    options.files.assign(line.files.begin(), line.files.end());
    options.timeout = std::chrono::seconds(timeout);
    options.color = color == "always" || (color == "auto" && terminal);
    return options;
}

}  // namespace xfrmd::daemon
