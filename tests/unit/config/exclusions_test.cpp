// What excludes what (V1 to V11, see config/validate.hpp), each against its allowed neighbour, and
// whichever of the two the file says first.
#include <initializer_list>

#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

/// A file in two orders: as it is written down here, and with its sections and options reversed.
enum class Order { written, reversed };

using Options = std::vector<std::string>;

std::string joined(Options parts, Order order) {
    if (order == Order::reversed) std::ranges::reverse(parts);
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ",\n") + part;
    return text;
}

std::string entry(std::string_view section, std::string_view name, const Options& options,
                  Order order) {
    return "\"" + std::string(section) + "\": {\"" + std::string(name) + "\": {\n" +
           joined(options, order) + "}}";
}

/// Phase 1 "hub" and phase 2 "net" with what a row adds to them.
std::string file(Options phase1, Options phase2, Order order) {
    for (const char* given : {R"("interface": "eth0")", R"("proposal": ["aes256-sha256"])"})
        phase1.emplace_back(given);
    for (const char* given : {R"("phase1name": "hub")", R"("proposal": ["aes128gcm"])"})
        phase2.emplace_back(given);
    return "{" +
           joined({entry("phase1-interface", "hub", phase1, order),
                   entry("phase2-interface", "net", phase2, order)},
                  order) +
           "}";
}

constexpr const char* psk = R"("psksecret": "0123456789abcdef0123")";
constexpr const char* gateway = R"("remote-gw": "192.0.2.1")";
constexpr const char* passive = R"("passive-mode": true)";
constexpr const char* automatic = R"("auto-negotiate": true)";
constexpr const char* manual = R"("auto-negotiate": false)";
constexpr const char* keepalive = R"("keepalive": true)";
constexpr const char* dynamic = R"("type": "dynamic")";
constexpr const char* ddns = R"("type": "ddns")";
constexpr const char* ddns_name = R"("remotegw-ddns": "gw.example.net")";
constexpr const char* idle = R"("idle-timeout": true)";

/// One pair that excludes each other: where the problem stands, and what its line must name.
struct Exclusion {
    const char* id;
    Options phase1;
    Options phase2;
    const char* pointer;
    std::vector<const char*> names;
    Problem::Severity severity = Problem::Severity::error;
};

constexpr const char* hub_passive = "/phase1-interface/hub/passive-mode (xfrmd.json:";
constexpr const char* hub_type = "/phase1-interface/hub/type (xfrmd.json:";
constexpr const char* hub_idle = "/phase1-interface/hub/idle-timeout (xfrmd.json:";
constexpr auto warning = Problem::Severity::warning;

const std::vector<Exclusion> exclusions{
    {"V1",
     {psk, gateway, passive},
     {automatic},
     "/phase2-interface/net/auto-negotiate",
     {"auto-negotiate", hub_passive}},
    {"V1 of a ddns peer",
     {psk, ddns, ddns_name, passive},
     {automatic},
     "/phase2-interface/net/auto-negotiate",
     {"auto-negotiate", hub_passive}},
    {"V2",
     {psk, gateway, passive},
     {keepalive},
     "/phase2-interface/net/keepalive",
     {"keepalive", hub_passive}},
    {"V3",
     {psk, gateway, passive, automatic},
     {},
     "/phase1-interface/hub/auto-negotiate",
     {"auto-negotiate", hub_passive}},
    {"V4",
     {psk, dynamic},
     {automatic},
     "/phase2-interface/net/auto-negotiate",
     {"auto-negotiate", "dynamic", hub_type}},
    {"V4 keepalive",
     {psk, dynamic},
     {keepalive},
     "/phase2-interface/net/keepalive",
     {"keepalive", "dynamic", hub_type}},
    {"V5",
     {psk, dynamic, passive},
     {},
     "/phase1-interface/hub/passive-mode",
     {"passive-mode", "dynamic", hub_type}},
    {"V6 static", {psk}, {}, "/phase1-interface/hub", {"remote-gw", "static"}},
    {"V6 ddns", {psk, ddns}, {}, "/phase1-interface/hub/type", {"ddns", "remotegw-ddns"}},
    {"V6 dynamic",
     {psk, dynamic, gateway},
     {},
     "/phase1-interface/hub/remote-gw",
     {"remote-gw", "dynamic", hub_type}},
    {"V6 dynamic name",
     {psk, dynamic, ddns_name},
     {},
     "/phase1-interface/hub/remotegw-ddns",
     {"remotegw-ddns", "dynamic", "type"}},
    {"V6 ddns address",
     {psk, ddns, ddns_name, gateway},
     {},
     "/phase1-interface/hub/remote-gw",
     {"remote-gw", "ddns", hub_type}},
    {"V7 psk", {gateway}, {}, "/phase1-interface/hub", {"psksecret"}},
    {"V7 peertype",
     {psk, gateway, R"("peertype": "one")"},
     {},
     "/phase1-interface/hub/peertype",
     {"peertype", "peerid"}},
    {"V7 signature",
     {psk, gateway, R"("authmethod": "signature")"},
     {},
     "/phase1-interface/hub/authmethod",
     {"authmethod", "signature"}},
    {"V7 peer groups",
     {psk, gateway, R"("peertype": "peergrp")"},
     {},
     "/phase1-interface/hub/peertype",
     {"peertype", "peergrp"}},
    {"V8 address",
     {psk, gateway},
     {R"("src-addr-type": "name")", R"("src-name": "lan")"},
     "/phase2-interface/net/src-name",
     {"src-name", "lan"}},
    {"V8 families",
     {psk, gateway},
     {R"("src-addr-type": "subnet6")"},
     "/phase2-interface/net",
     {"dst", "src"}},
    {"V9",
     {psk, gateway, idle},
     {automatic},
     "/phase2-interface/net/auto-negotiate",
     {"auto-negotiate", hub_idle}},
    {"V9 keepalive",
     {psk, gateway, idle},
     {keepalive},
     "/phase2-interface/net/keepalive",
     {"keepalive", hub_idle}},
    {"V9 lives",
     {psk, gateway, R"("keylife": 3600)"},
     {R"("keylifeseconds": 3600)"},
     "/phase2-interface/net/keylifeseconds",
     {"keylifeseconds", "keylife 3600 of /phase1-interface/hub"},
     warning},
    {"V10 range",
     {psk, gateway, R"("negotiate-timeout": 301)"},
     {},
     "/phase1-interface/hub/negotiate-timeout",
     {"301", "300"}},
    {"V10 unknown",
     {psk, gateway, R"("no-such-option": 1)"},
     {},
     "/phase1-interface/hub/no-such-option",
     {"no-such-option"}},
    {"V11 self",
     {psk, gateway, R"("monitor": ["hub"])"},
     {},
     "/phase1-interface/hub/monitor",
     {"monitor", "hub", "own backup"}},
    {"V11 unknown",
     {psk, gateway, R"("monitor": ["hob"])"},
     {},
     "/phase1-interface/hub/monitor",
     {"monitor", "hob", "did you mean \"hub\"?"}},
    {"V11 minimum",
     {psk, gateway, R"("monitor-min": 1)"},
     {},
     "/phase1-interface/hub/monitor-min",
     {"monitor-min", "1", "monitor has 0 names"},
     warning},
    {"dpd",
     {psk, gateway, R"("dpd-retryinterval": 61)"},
     {},
     "/phase1-interface/hub/dpd-retryinterval",
     {"dpd-retryinterval", "60 s"},
     warning},
};

/// What looks like one of them and is right.
struct Neighbour {
    const char* id;
    Options phase1;
    Options phase2;
};

const std::vector<Neighbour> neighbours{
    {"V1 passive alone", {psk, gateway, passive}, {}},
    {"V1 auto-negotiate off", {psk, gateway, passive}, {manual}},
    {"V1 auto-negotiate alone", {psk, gateway, R"("passive-mode": false)"}, {automatic}},
    {"V2 keepalive off", {psk, gateway, passive}, {R"("keepalive": false)"}},
    {"V2 keepalive alone", {psk, gateway}, {keepalive}},
    {"V3 off by hand", {psk, gateway, passive, manual}, {}},
    {"V3 without passive-mode", {psk, gateway, automatic}, {}},
    {"V4 neither", {psk, dynamic}, {}},
    {"V4 a dial-up client", {psk, gateway, R"("localid": "branch")"}, {automatic, keepalive}},
    {"V5 passive ddns", {psk, ddns, ddns_name, passive}, {}},
    {"V5 passive off", {psk, dynamic, R"("passive-mode": false)"}, {}},
    {"V6 the default of remote-gw", {psk, dynamic, R"("remote-gw": "0.0.0.0")"}, {}},
    {"V6 ddns that starts", {psk, ddns, ddns_name}, {automatic}},
    {"V7", {psk, gateway, R"("peertype": "one")", R"("peerid": "x")"}, {}},
    {"V8", {psk, gateway}, {R"("src-addr-type": "subnet6")", R"("dst-addr-type": "subnet6")"}},
    {"V9 idle-timeout off", {psk, gateway, R"("idle-timeout": false)"}, {automatic}},
    {"V9 shorter", {psk, gateway, R"("keylife": 3600)"}, {R"("keylifeseconds": 3599)"}},
    {"V10 the last of a range", {psk, gateway, R"("negotiate-timeout": 300)"}, {}},
    {"dpd", {psk, gateway, R"("dpd-retryinterval": 60)"}, {}},
};

/// The problem of this severity at a pointer; one that is nowhere if there is none.
Problem told(const Loaded& loaded, std::string_view pointer, Problem::Severity severity) {
    for (const Problem& problem : loaded.problems)
        if (problem.pointer == pointer && problem.severity == severity) return problem;
    return {};
}

/// The part of show-full's text that is about a section of interfaces.
std::string shown_of(std::string_view section, const Loaded& loaded) {
    const std::string text = show_full(*loaded.settings);
    const std::size_t begin = text.find("\"" + std::string(section) + "\": {");
    REQUIRE(begin != std::string::npos);
    const std::size_t end = text.find("\"phase2-interface\"", begin + 1);
    return text.substr(begin, end - begin);
}

}  // namespace

TEST_CASE("exclusions: each names both settings and where they stand, in either order") {
    for (const Exclusion& row : exclusions) {
        for (const Order order : {Order::written, Order::reversed}) {
            const auto loaded = load_text(file(row.phase1, row.phase2, order));
            INFO(row.id << (order == Order::written ? "" : ", reversed") << "\n"
                        << all_text(loaded));
            const Problem problem = told(loaded, row.pointer, row.severity);
            CHECK(problem.pointer == row.pointer);
            CHECK(problem.line > 0);
            for (const char* name : row.names)
                CHECK(problem.to_text().contains(name));
            CHECK(!problem.remedy.empty());
            CHECK((loaded.config != nullptr) == (row.severity == warning));
        }
    }
}

TEST_CASE("exclusions: what stands beside them is accepted without a word, in either order") {
    for (const Neighbour& row : neighbours) {
        for (const Order order : {Order::written, Order::reversed}) {
            const auto loaded = load_text(file(row.phase1, row.phase2, order));
            INFO(row.id << (order == Order::written ? "" : ", reversed") << "\n"
                        << all_text(loaded));
            CHECK(loaded.config);
            CHECK(loaded.problems.empty());
        }
    }
}

TEST_CASE("V1 V2: one of several phase 2s is enough, and each is told") {
    const std::string text =
        "{" +
        entry("phase1-interface", "hub",
              {psk, gateway, passive, R"("interface": "eth0")", R"("proposal": ["aes256-sha256"])"},
              Order::written) +
        R"(, "phase2-interface": {
            "one": {"phase1name": "hub", "proposal": ["aes128gcm"],
                    "dst-subnet": "10.1.0.0/24"},
            "two": {"phase1name": "hub", "proposal": ["aes128gcm"],
                    "dst-subnet": "10.2.0.0/24", "auto-negotiate": true},
            "three": {"phase1name": "hub", "proposal": ["aes128gcm"],
                    "dst-subnet": "10.3.0.0/24", "keepalive": true} } })";
    const auto loaded = load_text(text);
    CHECK(loaded.problems.size() == 2);
    CHECK(problem_at(loaded, "/phase2-interface/two/auto-negotiate").message.contains(hub_passive));
    CHECK(problem_at(loaded, "/phase2-interface/three/keepalive").message.contains(hub_passive));
}

TEST_CASE("V1 V2 V3: hold for policy-based tunnels as well, or passive-mode is refused there") {
    std::string text = file({psk, gateway, passive}, {automatic}, Order::written);
    for (const char* section : {"phase1-interface", "phase2-interface"})
        text.replace(text.find(section), 16, section, 6);
    CHECK_FALSE(load_text(text).config);
}

TEST_CASE("V3: passive-mode turns the phase 1's auto-negotiate off, and show-full shows it") {
    const auto on = load_text(file({psk, gateway}, {}, Order::written));
    CHECK(only_phase1(on).auto_negotiate);
    CHECK(shown_of("phase1-interface", on).contains("\"auto-negotiate\": true"));
    const auto off = load_text(file({psk, gateway, passive}, {}, Order::written));
    CHECK_FALSE(only_phase1(off).auto_negotiate);
    CHECK(shown_of("phase1-interface", off).contains("\"auto-negotiate\": false"));
}

TEST_CASE("auto-negotiate implies keepalive, and show-full shows it") {
    const auto neither = load_text(file({psk, gateway}, {}, Order::written));
    CHECK(shown_of("phase2-interface", neither).contains("\"keepalive\": false"));
    for (const Options& options :
         {Options{automatic}, Options{automatic, R"("keepalive": false)"}}) {
        const auto implied = load_text(file({psk, gateway}, options, Order::written));
        CHECK(only_phase2(implied).keepalive);
        CHECK(shown_of("phase2-interface", implied).contains("\"keepalive\": true"));
    }
}

TEST_CASE("V8: a phase 2 of a phase 1 that does not exist, in either order") {
    for (const Order order : {Order::written, Order::reversed}) {
        std::string text = file({psk, gateway}, {}, order);
        text.replace(text.find(R"("phase1name": "hub")"), 19, R"("phase1name": "hob")");
        const Problem problem = problem_at(load_text(text), "/phase2-interface/net/phase1name");
        CHECK(problem.message.contains("phase1-interface"));
        CHECK(problem.remedy == "did you mean \"hub\"?");
    }
}

TEST_CASE("V11: monitor in a circle, told at each that is in it") {
    const auto backup_of = [](const char* name, const char* address) {
        return R"({"interface": "eth0", "proposal": ["aes256-sha256"], "childless-ike": true,
            "psksecret": "0123456789abcdef0123", "monitor": [")" +
               std::string(name) + R"("], "remote-gw": ")" + address + "\"}";
    };
    const auto loaded = load_text(R"({"phase1-interface": {"a": )" + backup_of("b", "192.0.2.1") +
                                  ",\n\"b\": " + backup_of("c", "192.0.2.2") +
                                  ",\n\"c\": " + backup_of("a", "192.0.2.3") + "}}");
    CHECK_FALSE(loaded.config);
    for (const char* name : {"a", "b", "c"}) {
        const std::string pointer = "/phase1-interface/" + std::string(name) + "/monitor";
        const Problem problem = told(loaded, pointer, Problem::Severity::error);
        CHECK(problem.message.contains("backup of " + std::string(name)));
    }
}
