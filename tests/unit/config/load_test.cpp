#include "config/load.hpp"

#include "fixture.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

constexpr std::string_view good_file = R"({
  // the file of the manual's synopsis
  "address": { "lan": {"subnet": "10.1.0.0/24"}, "hq": {"subnet": "10.2.0.0/16"} },
  "phase1-interface": { "to-hq": { "interface": "eth0", "remote-gw": "192.0.2.1",
      "proposal": ["aes128gcm-prfsha256", "aes256-sha256"], "dhgrp": [31, 20, 14],
      "psksecret": {"credential": "to-hq"} } },
  "phase2-interface": { "to-hq": { "phase1name": "to-hq", "proposal": ["aes128gcm"],
      "auto-negotiate": true, "src-addr-type": "name", "src-name": "lan",
      "dst-addr-type": "name", "dst-name": "hq" } } }
)";

FakeSecrets good_secrets() {
    FakeSecrets secrets;
    secrets.credentials["to-hq"] = "correct horse battery staple\n";
    return secrets;
}

}  // namespace

TEST_CASE("load: a good file loads without a word") {
    const auto loaded = load_text(good_file, good_secrets());
    INFO(all_text(loaded));
    REQUIRE(loaded.config);
    CHECK(loaded.problems.empty());
    const Phase1& phase1 = only_phase1(loaded);
    CHECK(phase1.interface == "eth0");
    CHECK(phase1.remote_gateway->to_text() == "192.0.2.1");
    CHECK(phase1.proposals.size() == 2);
    CHECK(as_text(phase1.psk->view()) == "correct horse battery staple");
    const Phase2& phase2 = only_phase2(loaded);
    CHECK(phase2.auto_negotiate);
    CHECK(phase2.selectors.local[0].to_text() == "10.1.0.0/24");
    CHECK(phase2.selectors.remote[0].to_text() == "10.2.0.0/16");
}

TEST_CASE("load: nothing is a configuration without tunnels") {
    FakeSecrets secrets;
    const auto none = load({}, secrets);
    REQUIRE(none.config);
    CHECK(none.config->phase1s.empty());
    CHECK(none.config->daemon.half_open_limit == 10000);
    CHECK(load_text("{}").config);
}

TEST_CASE("load: a file with twelve different mistakes yields twelve messages") {
    const auto loaded = load_text(R"({
  "adress": {},
  "address": { "lan": {"subnet": "10.1.0.5/24"} },
  "phase1-interface": {
    "to-hq": {
      "interface": "eth0",
      "remote-gw": "192.0.2.300",
      "propsal": ["aes256-sha256"],
      "proposal": ["aes256-sha256", "3des-sha1"],
      "dhgrp": [14, 2],
      "keylife": 60,
      "rekey": "enable",
      "dpd": "on_idle",
      "mode-cfg": true,
      "psksecret": "secret",
      "passive-mode": true
    }
  },
  "phase2-interface": {
    "to-hq": {
      "phase1name": "to-hq",
      "proposal": ["aes128gcm"],
      "auto-negotiate": true
    }
  }
})");
    struct Expected {
        unsigned line;
        const char* pointer;
        const char* value;
    };
    const std::vector<Expected> expected{
        {2, "/adress", "\"adress\""},
        {3, "/address/lan/subnet", "\"10.1.0.5/24\""},
        {7, "/phase1-interface/to-hq/remote-gw", "\"192.0.2.300\""},
        {8, "/phase1-interface/to-hq/propsal", "\"propsal\""},
        {9, "/phase1-interface/to-hq/proposal/1", "\"3des-sha1\""},
        {10, "/phase1-interface/to-hq/dhgrp/1", "2"},
        {11, "/phase1-interface/to-hq/keylife", "60"},
        {12, "/phase1-interface/to-hq/rekey", "\"enable\""},
        {13, "/phase1-interface/to-hq/dpd", "\"on_idle\""},
        {14, "/phase1-interface/to-hq/mode-cfg", "true"},
        {15, "/phase1-interface/to-hq/psksecret", "***"},
        {23, "/phase2-interface/to-hq/auto-negotiate", "true"},
    };
    INFO(all_text(loaded));
    CHECK_FALSE(loaded.config);
    REQUIRE(loaded.problems.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const Problem& problem = loaded.problems[i];
        CHECK(problem.line == expected[i].line);
        CHECK(problem.pointer == expected[i].pointer);
        CHECK(problem.value == expected[i].value);
        CHECK(problem.file == "xfrmd.json");
        CHECK_FALSE(problem.message.empty());
        CHECK_FALSE(problem.remedy.empty());
    }
}

TEST_CASE("load: each wrong item of a list is told") {
    const auto loaded = load_text(R"({ "phase1-interface": { "hq": { "interface": "eth0",
      "remote-gw": "192.0.2.1", "psksecret": "correct horse battery staple",
      "proposal": ["des-md5", "aes128-sha256", "aes128-sha257"], "dhgrp": [2, 14, 5] } } })");
    const std::string told = all_text(loaded);
    for (const char* pointer : {"/proposal/0:", "/proposal/2:", "/dhgrp/0:", "/dhgrp/2:"})
        CHECK(told.contains(pointer));
    CHECK_FALSE(told.contains("/proposal/1:"));
    CHECK_FALSE(told.contains("/dhgrp/1:"));
}

TEST_CASE("load: entries may be spread over files, problems name theirs") {
    FakeSecrets secrets = good_secrets();
    const std::vector files{
        SourceFile{"a.json", R"({ "address": { "lan": {"subnet": "10.1.0.0/24"} } })"},
        SourceFile{"b.json", R"({ "address": { "lan2": {"subnet": "10.2.0.0/99"} } })"},
        SourceFile{"c.json", "{ \n oops }"},
        SourceFile{"d.json", R"({ "daemon": {"embryonic-limit": 1} })"}};
    const auto loaded = load(files, secrets);
    REQUIRE(loaded.problems.size() == 3);
    CHECK(loaded.problems[0].file == "b.json");
    CHECK(loaded.problems[1].file == "c.json");
    CHECK(loaded.problems[1].line == 2);
    CHECK(loaded.problems[2].file == "d.json");
}

TEST_CASE("load: the section daemon stands in one file") {
    FakeSecrets secrets;
    const std::string text = R"({ "daemon": {"embryonic-limit": 100} })";
    const std::vector files{SourceFile{"a.json", text}, SourceFile{"b.json", text}};
    CHECK(load({files.data(), 1}, secrets).config->daemon.half_open_limit == 100);
    CHECK(load(files, secrets).problems[0].message.contains("/daemon (a.json:1) already"));
}

TEST_CASE("load: a secret appears in no output") {
    const std::string secret = "Wintergarten-Schluessel";
    const std::vector<std::string> texts{
        static_tunnel("\"psksecret-remote\": \"" + secret + "\", "),
        static_tunnel("\"psksecret-remote\": [\"" + secret + "\"], "),
        static_tunnel("\"psksecret-remote\": {\"x\": \"" + secret + "\"}, "),
        static_tunnel("\"psksecret-remote\": \"" + secret + "\\u00e4\", "),
        static_tunnel("\"psksecret-remote\": \"0x" + secret + "\", "),
        static_tunnel("\"psksecret-remote\": \"ENC " + secret + "\", "),
        static_tunnel("\"psk-secret\": \"" + secret + "\", "),
        static_tunnel("\"presharedkey\": \"" + secret + "\", "),
        static_tunnel("\"ppk-secret\": \"" + secret + "\", "),
        static_tunnel("\"group-authentication-secret\": \"" + secret + "\", "),
        static_tunnel("\"psksecret-remote\": \"" + secret + ", "),
        static_tunnel("\"psksecret-remote\": " + secret + ", "),
        R"({ "phase1": { "hub": ")" + secret + R"(" } })",
        R"({ "phase1": ")" + secret + R"(" })",
        "\"" + secret + "\"",
    };
    for (const std::string& text : texts) {
        INFO(text);
        const auto loaded = load_text(text);
        const std::string output = all_text(loaded) + show_full(*loaded.settings);
        CHECK_FALSE(output.contains("intergarten"));
        CHECK_FALSE(output.contains("chluessel"));
    }
}

TEST_CASE("load: truncated files are refused with a line, and never more than that") {
    for (std::size_t size = 0; size + 2 < good_file.size(); ++size) {
        const auto loaded = load_text(good_file.substr(0, size), good_secrets());
        REQUIRE_FALSE(loaded.config);
        REQUIRE(loaded.problems.size() == 1);
        REQUIRE(loaded.problems[0].line >= 1);
    }
}

TEST_CASE("load: changed octets are survived") {
    xfrmd::test::SeededRandom random(20240607);
    for (int round = 0; round < 3000; ++round) {
        std::string text(good_file);
        for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
            const auto at = static_cast<std::size_t>(random.below(text.size()));
            constexpr std::string_view structure = "{}[]\",:0-/*\\";
            text[at] = random.below(2) == 0
                           ? static_cast<char>(random.below(256))
                           : structure[static_cast<std::size_t>(random.below(structure.size()))];
        }
        const auto loaded = load_text(text, good_secrets());
        std::string output = all_text(loaded) + show_full(*loaded.settings);
        REQUIRE((loaded.config || !loaded.problems.empty()));
        REQUIRE_FALSE(output.contains("correct horse"));
    }
}

TEST_CASE("load: a file full of mistakes is bounded in time and output") {
    std::string text = "{ \"phase2\": {";
    for (int i = 0; i < 5000; ++i)
        text += "\"p" + std::to_string(i) + "\": {\"phase1name\": \"x" + std::to_string(i) +
                "\", \"nonsense\": 1},";
    text.back() = '}';
    const auto loaded = load_text(text + "}");
    CHECK(loaded.problems.size() == Report::max_problems + 1);
}

TEST_CASE("load: thousands of tunnels") {
    constexpr int count = 3000;
    std::string phase1s, phase2s;
    for (int i = 0; i < count; ++i) {
        const std::string name = "\"t" + std::to_string(i) + "\"";
        const std::string address = std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
        phase1s += (i == 0 ? "" : ",\n") + name +
                   R"(: {"interface": "eth0", "proposal": "aes128gcm-prfsha256",
                         "psksecret": "0123456789abcdef", "remote-gw": "10.1.)" +
                   address + "\"}";
        phase2s += (i == 0 ? "" : ",\n") + name + R"(: {"proposal": "aes128gcm", "phase1name": )" +
                   name + "}";
    }
    const auto loaded = load_text("{\"phase1-interface\": {" + phase1s +
                                  "}, \"phase2-interface\": {" + phase2s + "}}");
    REQUIRE(loaded.config);
    CHECK(loaded.config->phase1s.size() == count);
}
