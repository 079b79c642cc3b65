#include "daemon/client_options.hpp"

#include "support/catch.hpp"

using namespace xfrmd::daemon;

namespace {

std::variant<ClientOptions, ClientEarlyExit> parse_words(std::vector<const char*> words,
                                                         bool terminal = false) {
    words.insert(words.begin(), "xfrmctl");
    return parse_client_options(static_cast<int>(words.size()), words.data(), terminal);
}

ClientOptions client_options(std::vector<const char*> words, bool terminal = false) {
    const auto parsed = parse_words(std::move(words), terminal);
    REQUIRE(std::holds_alternative<ClientOptions>(parsed));
    return std::get<ClientOptions>(parsed);
}

ClientExit client_refusal(std::vector<const char*> words) {
    const auto parsed = parse_words(std::move(words));
    REQUIRE(std::holds_alternative<ClientEarlyExit>(parsed));
    CHECK_FALSE(std::get<ClientEarlyExit>(parsed).text.empty());
    return std::get<ClientEarlyExit>(parsed).code;
}

}  // namespace

TEST_CASE("xfrmctl options: commands with their names") {
    CHECK(client_options({"status"}).command == ClientCommand::status);
    CHECK(client_options({"status", "hq", "--json"}).json);
    const ClientOptions up = client_options({"--socket", "/tmp/x", "up", "hq", "lan"});
    CHECK(up.socket == "/tmp/x");
    CHECK(up.name == "hq");
    CHECK(up.phase2 == "lan");
    CHECK(client_options({"wait", "hq", "--timeout", "5"}).timeout == std::chrono::seconds(5));
    CHECK(client_options({"offload", "--json"}).command == ClientCommand::offload);
    CHECK(client_options({"log-level", "debug"}).level == "debug");
    CHECK(client_options({"check", "a.json", "b.json"}).files.size() == 2);
}

TEST_CASE("xfrmctl options: colour on a terminal, unless told otherwise") {
    CHECK(client_options({"status"}, true).color);
    CHECK_FALSE(client_options({"status"}, false).color);
    CHECK_FALSE(client_options({"--color", "never", "status"}, true).color);
    CHECK(client_options({"--color", "always", "status"}, false).color);
}

TEST_CASE("xfrmctl options: what is wrong, and what only asks") {
    CHECK(client_refusal({}) == ClientExit::usage);
    CHECK(client_refusal({"up"}) == ClientExit::usage);
    CHECK(client_refusal({"fly"}) == ClientExit::usage);
    CHECK(client_refusal({"wait", "hq", "--timeout", "soon"}) == ClientExit::usage);
    CHECK(client_refusal({"--help"}) == ClientExit::ok);
    CHECK(client_refusal({"--version"}) == ClientExit::ok);
}
