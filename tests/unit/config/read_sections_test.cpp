#include "config/read_sections.hpp"

#include "config/sections.hpp"
#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

Problem phase1_problem(std::string_view option, std::string_view value) {
    const std::string text = "\"" + std::string(option) + "\": " + std::string(value) + ", ";
    return problem_at(load_text(static_tunnel(text)),
                      "/phase1-interface/hub/" + std::string(option));
}

std::string problem_of_name(std::string_view section, std::string_view name) {
    const std::string text =
        "{ \"" + std::string(section) + "\": { \"" + std::string(name) + "\": {} } }";
    for (const Problem& problem : load_text(text).problems)
        if (!problem.message.contains("missing") && !problem.message.contains("carries nothing"))
            return problem.message;
    return {};
}

}  // namespace

TEST_CASE("sections: an unknown section is an error with a hint") {
    const auto loaded = load_text(R"({ "adress": {}, "vpn": {}, "address6": {} })");
    CHECK(problem_at(loaded, "/adress").remedy == "did you mean \"address\"?");
    CHECK(problem_at(loaded, "/vpn").remedy.starts_with("sections are daemon, address"));
    CHECK(problem_at(loaded, "/address6").message.contains("address takes IPv6 too"));
    CHECK_FALSE(loaded.config);
}

TEST_CASE("sections: the file, a section and an entry are objects") {
    CHECK(load_text("[]").problems[0].message == "the file is not an object");
    const auto loaded = load_text(R"({ "address": [], "phase1": { "hub": "x" }, "daemon": 1 })");
    CHECK(problem_at(loaded, "/address").message == "not an object but something else");
    CHECK(problem_at(loaded, "/phase1/hub").message == "not an object but a text");
    CHECK(problem_at(loaded, "/daemon").message == "not an object but something else");
}

TEST_CASE("sections: a link to the schema is no section") {
    CHECK(load_text(R"({ "$schema": "xfrmd.schema.json" })").problems.empty());
}

TEST_CASE("sections: an unknown option is an error with a hint, its value is not shown") {
    const Problem near = phase1_problem("propsal", "\"value\"");
    CHECK(near.message == "no option of this name");
    CHECK(near.value == "\"propsal\"");
    CHECK(near.remedy == "did you mean \"proposal\"?");
    CHECK(phase1_problem("passive-tunnel-interface", "true").remedy ==
          "see the section phase1-interface in xfrmd.json(5)");
}

TEST_CASE("sections: an option of FortiOS's that we lack says so, its default is harmless") {
    const Problem problem = phase1_problem("mode-cfg", "true");
    CHECK(problem.message ==
          "FortiOS has mode-cfg, xfrmd does not: this version does not support virtual addresses");
    CHECK(problem.remedy == "remove it or write false");
    CHECK(load_text(static_tunnel("\"mode-cfg\": false, \"npu-offload\": true, \"ppk\": "
                                  "\"disable\", \"network-id\": 0, "))
              .problems.empty());
    CHECK(phase1_problem("ppk-secret", "\"hunter2\"").value == "***");
    CHECK(phase1_problem("authpasswd", "\"hunter2\"").value == "***");
}

TEST_CASE("sections: every foreign option is refused or harmless, none is also ours") {
    for_each_section([&](const Section& in, const auto& options, const auto&) {
        for (const ForeignOption& foreign : in.foreign) {
            INFO(in.name << " " << foreign.name);
            CHECK_FALSE(foreign.reason.empty());
            CHECK(std::ranges::find(options, foreign.name, &OptionInfo::name) == options.end());
            CHECK(std::ranges::count(in.foreign, foreign.name, &ForeignOption::name) == 1);
        }
        for (const auto& option : options)
            CHECK(std::ranges::count(options, option.name, &OptionInfo::name) == 1);
    });
    for (const ForeignOption& foreign : phase1_foreign()) {
        INFO(foreign.name);
        const Problem refused = phase1_problem(foreign.name, "\"some text\"");
        if (foreign.harmless[0] == "*") continue;
        CHECK(refused.message.starts_with("FortiOS has " + std::string(foreign.name)));
        for (const std::string_view harmless : foreign.harmless)
            if (!harmless.empty())
                CHECK(phase1_problem(foreign.name, harmless).message.starts_with("no problem"));
    }
}

TEST_CASE("sections: conditions name options and values that exist") {
    for_each_section([&](const Section& in, const auto& options, const auto&) {
        for (const auto& option : options) {
            if (option.condition.option.empty()) continue;
            INFO(in.name << " " << option.name);
            const auto other =
                std::ranges::find(options, option.condition.option, &OptionInfo::name);
            REQUIRE(other != options.end());
            for (const std::string_view value : option.condition.values) {
                if (value.empty() || other->shape.form == Form::boolean) continue;
                CHECK(std::ranges::find(other->shape.choices, value, &Choice::word) !=
                      other->shape.choices.end());
            }
        }
    });
}

TEST_CASE("sections: what is missing is named, with what to write") {
    const auto loaded = load_text(R"({ "phase1": { "hub": {} }, "phase2": { "net": {} } })");
    std::string text = all_text(loaded);
    for (const char* option : {"interface", "psksecret", "proposal", "phase1name", "remote-gw"})
        CHECK(text.contains("\"" + std::string(option) + "\" is missing"));
    CHECK(text.contains("write \"proposal\": [\"aes128gcm-prfsha256\", \"aes256-sha256\"]"));
}

TEST_CASE("sections: names have FortiOS's limits") {
    for (const char* section : {"phase1", "phase2", "phase2-interface"}) {
        CHECK(problem_of_name(section, std::string(35, 'a')).empty());
        CHECK(problem_of_name(section, std::string(36, 'a')).contains("longer than 35"));
    }
    CHECK(problem_of_name("phase1-interface", std::string(15, 'a')).empty());
    CHECK(problem_of_name("phase1-interface", std::string(16, 'a')).contains("longer than 15"));
    CHECK(problem_of_name("address", std::string(79, 'a')).empty());
    CHECK(problem_of_name("addrgrp", std::string(80, 'a')).contains("longer than 79"));
    CHECK(problem_of_name("phase1", "") == "an entry needs a name");
    CHECK(problem_of_name("phase1", "a\\u0007").contains("control character"));
    CHECK(problem_of_name("phase1", "B\u00fcro 1").empty());
}

TEST_CASE("sections: a route-based phase 1 is named as a network device can be") {
    for (const char* name : {"a b", "a/b", "a:b", ".", "..", "lo", "all", "default", "B\u00fcro"})
        CHECK_FALSE(problem_of_name("phase1-interface", name).empty());
    for (const char* name : {"51.46_spoke", "to-hq", "a"})
        CHECK(problem_of_name("phase1-interface", name).empty());
}

TEST_CASE("sections: monitor belongs to phase1-interface only") {
    const auto loaded = load_text(R"({ "phase1": { "hub": { "monitor": ["a"] } } })");
    CHECK(problem_at(loaded, "/phase1/hub/monitor").message ==
          "only phase1-interface has this option");
}
