#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

const std::string net = "/phase2-interface/net";
const std::string to_gateway = "\"remote-gw\": \"192.0.2.1\", ";
const std::string dynamic = "\"type\": \"dynamic\", ";

Problem problem_with(std::string_view phase1, std::string_view phase2, std::string_view option) {
    return problem_at(load_text(tunnel(phase1, phase2)), net + "/" + std::string(option));
}

bool loads(std::string_view phase1, std::string_view phase2) {
    const auto loaded = load_text(tunnel(phase1, phase2));
    INFO(all_text(loaded));
    CHECK(loaded.config);
    return loaded.config != nullptr;
}

/// The same tunnel with the section of its phase 2 in front.
std::string turned_round(std::string_view phase1, std::string_view phase2) {
    return R"({ "phase2-interface": { "net": { "phase1name": "hub", )" + std::string(phase2) +
           R"("proposal": ["aes128gcm"] } }, "phase1-interface": { "hub": { )" +
           std::string(phase1) + R"("interface": "eth0", "proposal": ["aes256-sha256"],
           "psksecret": "0123456789abcdef0123" } } })";
}

}  // namespace

TEST_CASE("V1 V2 passive-mode excludes auto-negotiate and keepalive of a phase 2, in either order",
          "[proves:passive-excludes]") {
    const std::string passive = to_gateway + "\"passive-mode\": true, ";
    for (const std::string option : {"auto-negotiate", "keepalive"}) {
        const std::string set = "\"" + option + "\": true, ";
        for (const std::string& text : {tunnel(passive, set), turned_round(passive, set)}) {
            const Problem problem = problem_at(load_text(text), net + "/" + option);
            CHECK(problem.severity == Problem::Severity::error);
            CHECK(problem.message.contains(option + " of a phase 2 excludes passive-mode"));
            CHECK(problem.message.contains("/phase1-interface/hub/passive-mode (xfrmd.json:1)"));
            CHECK(problem.remedy == "remove " + option + " here or passive-mode there");
        }
        CHECK(loads(passive, "\"" + option + "\": false, "));
        CHECK(loads(to_gateway, set));
    }
    CHECK(loads(passive, ""));
}

TEST_CASE("V4 type dynamic excludes auto-negotiate and keepalive of a phase 2",
          "[proves:dynamic-excludes]") {
    for (const std::string option : {"auto-negotiate", "keepalive"}) {
        const std::string set = "\"" + option + "\": true, ";
        for (const std::string& text : {tunnel(dynamic, set), turned_round(dynamic, set)}) {
            const Problem problem = problem_at(load_text(text), net + "/" + option);
            CHECK(problem.message.contains("excludes type dynamic"));
            CHECK(problem.message.contains("/phase1-interface/hub/type"));
        }
        CHECK(loads(dynamic, "\"" + option + "\": false, "));
    }
    CHECK(loads("\"type\": \"ddns\", \"remotegw-ddns\": \"x\", ", "\"auto-negotiate\": true, "));
}

TEST_CASE("V9 idle-timeout excludes auto-negotiate and keepalive of a phase 2") {
    const std::string idle = to_gateway + "\"idle-timeout\": true, ";
    for (const std::string option : {"auto-negotiate", "keepalive"})
        CHECK(problem_with(idle, "\"" + option + "\": true, ", option)
                  .message.contains("excludes idle-timeout"));
}

TEST_CASE("V9 a phase 2 that outlives its phase 1 is warned about") {
    const std::string short_life = to_gateway + "\"keylife\": 3600, ";
    const Problem problem =
        problem_with(short_life, "\"keylifeseconds\": 3600, ", "keylifeseconds");
    CHECK(problem.severity == Problem::Severity::warning);
    CHECK(problem.message.contains("/phase1-interface/hub"));
    CHECK(load_text(tunnel(short_life, "\"keylifeseconds\": 3599, ")).problems.empty());
    CHECK(load_text(tunnel(short_life, "\"keylife-type\": \"kbs\", ")).problems.empty());
}

TEST_CASE("keepalive is implied by auto-negotiate", "[proves:auto-negotiate-implies]") {
    const auto loaded = load_text(tunnel(to_gateway, "\"auto-negotiate\": true, "));
    CHECK(only_phase2(loaded).keepalive);
    CHECK(only_phase2(load_text(tunnel(to_gateway, "\"keepalive\": true, "))).keepalive);
    CHECK_FALSE(only_phase2(load_text(tunnel(to_gateway))).keepalive);
}

TEST_CASE("V8 phase1name names an entry of the section that belongs to this one") {
    std::string text = static_tunnel();
    text.replace(text.rfind("\"hub\""), 5, "\"hob\"");
    const Problem unknown = problem_at(load_text(text), net + "/phase1name");
    CHECK(unknown.message == "no entry of phase1-interface has this name");
    CHECK(unknown.remedy == "did you mean \"hub\"?");

    text = static_tunnel();
    text.replace(text.find("phase2-interface"), 16, "phase2");
    const Problem crossed = problem_at(load_text(text), "/phase2/net/phase1name");
    CHECK(crossed.message.starts_with("that is /phase1-interface/hub"));
    CHECK(crossed.remedy == "move this entry to phase2-interface");
}

TEST_CASE("esn needs replay") {
    for (const std::string policy : {"allow", "require"}) {
        const std::string esn = to_gateway + "\"esn\": \"" + policy + "\", ";
        CHECK(problem_with(esn, "\"replay\": false, ", "replay")
                  .message.contains("/phase1-interface/hub/esn"));
        CHECK(loads(esn, ""));
    }
    CHECK(loads(to_gateway, "\"replay\": false, "));
}

TEST_CASE("transport mode carries packets between the gateways only") {
    const std::string both = to_gateway + "\"local-gw\": \"192.0.2.2\", ";
    const std::string transport = "\"encapsulation\": \"transport-mode\", ";
    CHECK(loads(both, transport + "\"src-subnet\": \"192.0.2.2/32\", \"dst-subnet\": "
                                  "\"192.0.2.1/32\", "));
    CHECK(loads(to_gateway, transport + "\"src-subnet\": \"192.0.2.9/32\", \"dst-subnet\": "
                                        "\"192.0.2.1/32\", "));
    CHECK(loads(dynamic, transport + "\"src-subnet\": \"192.0.2.9/32\", "));
    CHECK(problem_with(both, transport, "encapsulation").remedy == "set src to 192.0.2.2/32");
    CHECK(problem_with(to_gateway,
                       transport + "\"src-subnet\": \"192.0.2.9/32\", \"dst-subnet\": "
                                   "\"192.0.2.3/32\", ",
                       "encapsulation")
              .remedy == "set dst to 192.0.2.1/32");
}

TEST_CASE("phase 2: values and defaults reach the model") {
    const auto loaded = load_text(tunnel(
        to_gateway, "\"keylife-type\": \"both\", \"keylifekbs\": 6000, \"offload\": \"crypto\", "));
    const Phase2& phase2 = only_phase2(loaded);
    CHECK(phase2.name == "net");
    CHECK(phase2.pfs);
    CHECK(phase2.replay);
    CHECK(phase2.keylife == std::chrono::seconds(43200));
    CHECK(phase2.keylife_type == KeylifeType::both);
    CHECK(phase2.keylife_kilobytes == 6000);
    CHECK(phase2.offload == Offload::crypto);
    CHECK_FALSE(only_phase2(load_text(tunnel(to_gateway))).offload);
    CHECK(phase2.key_exchanges ==
          std::vector{wire::KeyExchangeMethod::ecp_384, wire::KeyExchangeMethod::modp_2048});
}
