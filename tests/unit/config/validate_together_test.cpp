#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

std::string phase1(std::string_view name, std::string_view options) {
    return "\"" + std::string(name) + "\": { " + std::string(options) +
           R"("interface": "eth0", "proposal": ["aes256-sha256"],
              "psksecret": "0123456789abcdef0123" })";
}

std::string phase2(std::string_view name, std::string_view of, std::string_view options) {
    return "\"" + std::string(name) + "\": { " + std::string(options) + "\"phase1name\": \"" +
           std::string(of) + "\", \"proposal\": [\"aes128gcm\"] }";
}

/// Two tunnels, a and b, in the sections with this ending.
Loaded two(std::string_view kind, std::string_view phase1_a, std::string_view phase1_b,
           std::string_view phase2_a = "\"dst-subnet\": \"10.1.0.0/24\", ",
           std::string_view phase2_b = "\"dst-subnet\": \"10.2.0.0/24\", ") {
    return load_text("{ \"phase1" + std::string(kind) + "\": { " + phase1("a", phase1_a) + ",\n" +
                     phase1("b", phase1_b) + " },\n\"phase2" + std::string(kind) + "\": { " +
                     phase2("net-a", "a", phase2_a) + ",\n" + phase2("net-b", "b", phase2_b) +
                     " } }");
}

const std::string to1 = "\"remote-gw\": \"192.0.2.1\", ";
const std::string to2 = "\"remote-gw\": \"192.0.2.2\", ";

}  // namespace

TEST_CASE("together: all phase 1 entries are sorted by name, both kinds together") {
    const auto loaded = two("-interface", to1, to2);
    REQUIRE(loaded.config);
    CHECK(loaded.problems.empty());
    REQUIRE(loaded.config->phase1s.size() == 2);
    CHECK(loaded.config->phase1s[0]->name == "a");
    CHECK(loaded.config->phase1s[1]->phase2s[0].name == "net-b");
}

TEST_CASE("together: peers that a responder cannot tell apart are warned about") {
    const auto same = two("-interface", to1, to1);
    CHECK(same.config);
    CHECK(problem_at(same, "/phase1-interface/b").message.contains("/phase1-interface/a"));
    const std::string one = "\"peertype\": \"one\", \"peerid\": \"x\", ";
    const std::string other = "\"peertype\": \"one\", \"peerid\": \"y\", ";
    CHECK(two("-interface", to1 + one, to1 + other).problems.empty());
    CHECK(two("-interface", to1 + one, to1 + one).problems.size() == 1);
    CHECK(two("-interface", to1 + "\"local-gw\": \"192.0.2.8\", ",
              to1 + "\"local-gw\": \"192.0.2.9\", ")
              .problems.empty());
    CHECK(two("-interface", "\"type\": \"dynamic\", ", "\"type\": \"dynamic\", ").problems.size() ==
          1);
}

TEST_CASE("together: equal selectors collide in the kernel where they share an interface") {
    const auto policy_based = two("", to1, to2, "", "");
    const std::string message = problem_at(policy_based, "/phase2/net-b").message;
    CHECK(message.starts_with("/phase2/net-a (xfrmd.json:"));
    CHECK(message.ends_with("carries the same traffic, 0.0.0.0/0 to 0.0.0.0/0"));
    CHECK(two("-interface", to1, to2, "", "").config);
    CHECK(two("", "\"type\": \"dynamic\", ", to2, "", "").config);
    CHECK(two("", to1, to2, "\"protocol\": 6, ", "\"protocol\": 17, ").config);

    const auto of_one =
        load_text("{ \"phase1-interface\": { " + phase1("a", to1) + " }, \"phase2-interface\": { " +
                  phase2("x", "a", "") + "," + phase2("y", "a", "") + " } }");
    CHECK(problem_at(of_one, "/phase2-interface/y").message.contains("the same traffic"));
}

TEST_CASE("together: a name is given once, also over sections and files") {
    FakeSecrets secrets;
    const std::string tunnels = "{ \"phase1-interface\": { " + phase1("a", to1) +
                                " }, \"phase2-interface\": { " + phase2("n", "a", "") + " } }";
    const std::vector files{SourceFile{"one.json", tunnels}, SourceFile{"two.json", tunnels}};
    const auto loaded = load(files, secrets);
    const Problem first = problem_at(loaded, "/phase1-interface/a");
    CHECK(first.file == "two.json");
    CHECK(first.message == "/phase1-interface/a (one.json:1) has this name already");
    CHECK(problem_at(loaded, "/phase2-interface/n").file == "two.json");

    const auto crossed = load_text("{ \"phase1-interface\": { " + phase1("a", to1) +
                                   " }, \"phase1\": { " + phase1("a", to2) + " } }");
    CHECK(problem_at(crossed, "/phase1/a").message.contains("has this name already"));
}

TEST_CASE("together: a phase 1 without phase 2 carries nothing") {
    const auto loaded = load_text("{ \"phase1\": { " + phase1("a", to1) + " } }");
    CHECK(loaded.config);
    CHECK(problem_at(loaded, "/phase1/a").severity == Problem::Severity::warning);
}

TEST_CASE("V11 monitor names other entries that exist, in no circle") {
    const auto monitor = [](std::string_view of_a, std::string_view of_b) {
        return two("-interface", to1 + std::string(of_a), to2 + std::string(of_b));
    };
    const auto problem = [&](std::string_view of_a, std::string_view of_b) {
        for (const Problem& each : monitor(of_a, of_b).problems)
            if (each.severity == Problem::Severity::error) return each.message;
        return std::string();
    };
    CHECK(problem("\"monitor\": [\"x\"], ", "").contains("no entry of phase1-interface"));
    CHECK(problem("\"monitor\": [\"a\"], ", "") == "a tunnel cannot be its own backup");
    CHECK(problem("\"monitor\": [\"b\"], ", "\"monitor\": [\"a\"], ").contains("itself a backup"));
    const auto loaded = monitor("\"monitor\": \"b\", \"monitor-min\": 1, ", "");
    REQUIRE(loaded.config);
    CHECK(loaded.config->phase1s[0]->monitor == std::vector<std::string>{"b"});
    CHECK(loaded.config->phase1s[0]->monitor_minimum == 1);
    CHECK(problem_at(monitor("\"monitor\": [\"b\"], \"monitor-min\": 2, ", ""),
                     "/phase1-interface/a/monitor-min")
              .severity == Problem::Severity::warning);
}
