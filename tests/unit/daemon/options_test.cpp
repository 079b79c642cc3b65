#include "daemon/options.hpp"

#include <initializer_list>

#include "support/catch.hpp"

using namespace xfrmd::daemon;

namespace {

std::variant<Options, EarlyExit> parse(std::initializer_list<const char*> arguments) {
    std::vector<const char*> all{"xfrmd"};
    all.insert(all.end(), arguments);
    return parse_options(static_cast<int>(all.size()), all.data());
}

Options options(std::initializer_list<const char*> arguments) {
    const auto parsed = parse(arguments);
    REQUIRE(std::holds_alternative<Options>(parsed));
    return std::get<Options>(parsed);
}

EarlyExit early(std::initializer_list<const char*> arguments) {
    const auto parsed = parse(arguments);
    REQUIRE(std::holds_alternative<EarlyExit>(parsed));
    return std::get<EarlyExit>(parsed);
}

}  // namespace

TEST_CASE("options: without arguments the daemon runs with the configuration in /etc") {
    const Options defaults = options({});
    CHECK(defaults.action == Action::run);
    CHECK(defaults.config == "/etc/xfrmd/xfrmd.json");
    CHECK_FALSE(defaults.key_log);
}

TEST_CASE("options: --config and --debug-key-log name their files") {
    const Options given = options({"--config", "/tmp/a.json", "--debug-key-log", "/tmp/keys"});
    CHECK(given.action == Action::run);
    CHECK(given.config == "/tmp/a.json");
    CHECK(given.key_log == std::filesystem::path("/tmp/keys"));
}

TEST_CASE("options: --check and --show-full take several files, in their order") {
    const Options check = options({"--check", "b.json", "a.json"});
    CHECK(check.action == Action::check);
    CHECK(check.files == std::vector<std::filesystem::path>{"b.json", "a.json"});
    const Options show = options({"--show-full", "a.json"});
    CHECK(show.action == Action::show_full);
    CHECK(show.files == std::vector<std::filesystem::path>{"a.json"});
}

TEST_CASE("options: --check without a file is about the configuration in use") {
    const Options check = options({"--config", "c.json", "--check"});
    CHECK(check.action == Action::check);
    CHECK(check.files.empty());
    CHECK(check.config == "c.json");
}

TEST_CASE("options: --schema stands alone") {
    CHECK(options({"--schema"}).action == Action::schema);
    CHECK(early({"--schema", "--check", "a.json"}).code == ExitCode::usage);
}

TEST_CASE("options: --sweep stands alone, but for the socket of the daemon that it must not meet") {
    const Options sweep = options({"--sweep", "--control", "/tmp/socket"});
    CHECK(sweep.action == Action::sweep);
    CHECK(sweep.control == "/tmp/socket");
    CHECK(early({"--sweep", "--check"}).code == ExitCode::usage);
    CHECK(early({"--sweep", "--schema"}).code == ExitCode::usage);
}

TEST_CASE("options: help and version are no mistakes") {
    const EarlyExit help = early({"--help"});
    CHECK(help.code == ExitCode::ok);
    CHECK(help.text.find("--debug-key-log") != std::string::npos);
    CHECK(help.text.find("Exit status") != std::string::npos);
    const EarlyExit version = early({"--version"});
    CHECK(version.code == ExitCode::ok);
    CHECK(version.text == "xfrmd " XFRMD_VERSION "\n");
}

TEST_CASE("options: what is not understood is a usage error that names it") {
    const EarlyExit unknown = early({"--conifg", "a.json"});
    CHECK(unknown.code == ExitCode::usage);
    CHECK(unknown.text.find("--conifg") != std::string::npos);
    CHECK(early({"--config"}).code == ExitCode::usage);
    CHECK(early({"stray"}).code == ExitCode::usage);
}
