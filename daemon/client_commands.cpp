#include "daemon/client_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "base/try.hpp"
#include "control/screen.hpp"
#include "daemon/clock.hpp"
#include "daemon/commands.hpp"

namespace xfrmd::daemon {
namespace {

using control::CallParameters;
using Outcome = std::expected<void, ClientFailure>;

/// How often "wait" looks.
constexpr std::chrono::milliseconds look_again{200};

class Client {
  public:
    Client(const ClientOptions& options, ControlClient& connection)
        : options_(options), connection_(connection) {}

    Outcome run();

  private:
    Outcome status();
    Outcome monitor();
    Outcome wait();
    Outcome names();
    Outcome offload();
    Outcome command(std::string_view method, const CallParameters& parameters);
    /// All of a method that answers in several.
    std::expected<std::vector<std::string>, ClientFailure> replies(
        std::string_view method, const CallParameters& parameters);
    std::expected<std::string, ClientFailure> whole_status(const std::string& name);
    /// The JSON itself, or what was made of it.
    void show(const std::string& json, const std::string& text) const {
        fmt::print("{}", options_.json ? control::indented(json) + "\n" : text);
    }
    control::ScreenOptions screen() const { return {.color = options_.color}; }
    CallParameters meant() const {
        return {{"phase1", options_.name}, {"phase2", options_.phase2}};
    }

    const ClientOptions& options_;
    ControlClient& connection_;
};

Outcome Client::run() {
    switch (options_.command) {
        case ClientCommand::status: return status();
        case ClientCommand::up: return command("Up", meant());
        case ClientCommand::down: return command("Down", {{"phase1", options_.name}});
        case ClientCommand::rekey: return command("Rekey", meant());
        case ClientCommand::reload:
            connection_.set_patience(reading_files_patience);
            return command("Reload", {});
        case ClientCommand::log_level: return command("SetLogLevel", {{"level", options_.level}});
        case ClientCommand::monitor: return monitor();
        case ClientCommand::wait: return wait();
        case ClientCommand::names: return names();
        case ClientCommand::offload: return offload();
        case ClientCommand::explain: {
            const auto reply = XFRMD_TRY(connection_.ask("Explain", meant()));
            show(reply, control::explanation_text(reply, screen()));
            return {};
        }
        case ClientCommand::plan: {
            connection_.set_patience(reading_files_patience);
            const auto reply = XFRMD_TRY(connection_.ask("Plan", {}));
            show(reply, control::plan_text(reply, screen()));
            return {};
        }
        case ClientCommand::counters: {
            const auto reply = XFRMD_TRY(connection_.ask("Counters", {}));
            show(reply, control::counters_text(reply));
            return {};
        }
        case ClientCommand::check:
        case ClientCommand::show_full: break;  // nothing to ask the daemon
    }
    return {};
}

std::expected<std::vector<std::string>, ClientFailure> Client::replies(
    std::string_view method, const CallParameters& parameters) {
    std::vector<std::string> replies;
    XFRMD_TRY(connection_.call(method, parameters, true, [&](const std::string& reply) {
        replies.push_back(reply);
        return true;
    }));
    return replies;
}

std::expected<std::string, ClientFailure> Client::whole_status(const std::string& name) {
    return control::join_status(XFRMD_TRY(replies("Status", {{"phase1", name}})));
}

Outcome Client::offload() {
    const auto whole = control::join_offload(XFRMD_TRY(replies("Offload", {})));
    show(whole, control::offload_text(whole, screen()));
    return {};
}

Outcome Client::status() {
    const auto whole = XFRMD_TRY(whole_status(options_.name));
    show(whole, options_.name.empty() ? control::status_table(whole, screen())
                                      : control::status_details(whole, screen()));
    return {};
}

Outcome Client::names() {
    const auto whole = XFRMD_TRY(whole_status({}));
    std::string lines;
    for (const std::string& name : control::names_in(whole))
        lines += name + "\n";
    show(whole, lines);
    return {};
}

Outcome Client::monitor() {
    connection_.set_patience(std::nullopt);  // it tells when there is something
    return connection_.call("Monitor", {{"phase1", options_.name}, {"level", options_.level}}, true,
                            [&](const std::string& reply) {
                                const std::string text = options_.json
                                                             ? reply + "\n"
                                                             : control::event_line(reply, screen());
                                return fputs(text.c_str(), stdout) >= 0 && fflush(stdout) == 0;
                            });
}

Outcome Client::wait() {
    const Instant end = boottime_now() + options_.timeout;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - boottime_now());
        connection_.set_patience(std::min<std::chrono::milliseconds>(left, usual_patience));
        const auto now = XFRMD_TRY(whole_status(options_.name));
        if (!options_.phase2.empty() && !control::has_phase2(now, options_.phase2))
            return std::unexpected(ClientFailure{
                ClientExit::failure,
                fmt::format("{} has no phase 2 \"{}\"", options_.name, options_.phase2)});
        if (control::is_up(now, options_.phase2)) {
            if (options_.json) show(now, {});
            return {};
        }
        if (boottime_now() >= end) break;
        std::this_thread::sleep_for(look_again);
    }
    return std::unexpected(ClientFailure{
        ClientExit::timeout, fmt::format("{} is not up after {} s: xfrmctl explain {}",
                                         options_.name, options_.timeout.count(), options_.name)});
}

Outcome Client::command(std::string_view method, const CallParameters& parameters) {
    const auto reply = XFRMD_TRY(connection_.ask(method, parameters));
    show(reply, {});
    return {};
}

ClientExit run_offline(const ClientOptions& options) {
    Options daemon_options;
    daemon_options.action =
        options.command == ClientCommand::check ? Action::check : Action::show_full;
    daemon_options.config = options.config;
    daemon_options.files = options.files;
    return static_cast<ClientExit>(run_command(daemon_options));
}

}  // namespace

ClientExit run_client(const ClientOptions& options) {
    if (options.command == ClientCommand::check || options.command == ClientCommand::show_full)
        return run_offline(options);
    auto connection = ControlClient::connect(options.socket);
    Outcome outcome;
    if (connection)
        outcome = Client(options, *connection).run();
    else
        outcome = std::unexpected(connection.error());
    if (outcome) return ClientExit::ok;
    fmt::print(stderr, "xfrmctl: {}\n", outcome.error().message);
    return outcome.error().code;
}

}  // namespace xfrmd::daemon
