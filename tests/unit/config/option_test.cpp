#include "config/option.hpp"

#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

/// The message about a value of an option of the phase 1, and its remedy.
std::string complaint(std::string_view option, std::string_view value) {
    const std::string text = "\"" + std::string(option) + "\": " + std::string(value) + ", ";
    const Problem problem =
        problem_at(load_text(static_tunnel(text)), "/phase1-interface/hub/" + std::string(option));
    return problem.message + "; " + problem.remedy;
}

Problem phase2_problem(std::string_view option, std::string_view value) {
    const std::string text = "\"" + std::string(option) + "\": " + std::string(value) + ", ";
    return problem_at(load_text(static_tunnel("", text)),
                      "/phase2-interface/net/" + std::string(option));
}

const Shape subnets = any_subnet();

std::string subnet_text(std::string_view text) {
    std::optional<Subnet> subnet;
    const auto read = read_value(subnets, Node::of(text), subnet);
    return read ? subnet->to_text() : read.error().front().complaint.message;
}

}  // namespace

TEST_CASE("option: a boolean is true or false, not FortiOS's word") {
    CHECK(complaint("rekey", "\"enable\"").ends_with("write true, without quotes"));
    CHECK(complaint("rekey", "\"disable\"").ends_with("write false, without quotes"));
    CHECK(complaint("rekey", "1").starts_with("neither true nor false"));
    CHECK(complaint("rekey", "null").starts_with("neither true nor false"));
}

TEST_CASE("option: a number is whole and in its range") {
    CHECK(complaint("keylife", "119") == "out of range; write a number from 120 to 172800");
    CHECK(complaint("keylife", "172801").starts_with("out of range"));
    CHECK(complaint("keylife", "-3600").starts_with("out of range or not whole"));
    CHECK(complaint("keylife", "3600.5").starts_with("out of range or not whole"));
    CHECK(complaint("keylife", "99999999999999999999").starts_with("out of range"));
    CHECK(complaint("keylife", "\"3600\"").starts_with("a text, not a number"));
    CHECK(complaint("keylife", "[3600]").starts_with("not a number"));
    CHECK(complaint("ip-version", "5").ends_with("write 4, 6"));
    CHECK(complaint("ip-version", "\"4\"").ends_with("write 4, 6"));
}

TEST_CASE("option: every range is FortiOS's, both ends included") {
    struct Range {
        const char* option;
        std::uint64_t minimum, maximum;
    };
    for (const Range& range :
         {Range{"keylife", 120, 172800}, Range{"negotiate-timeout", 1, 300},
          Range{"dpd-retrycount", 1, 10}, Range{"dpd-retryinterval", 1, 3600},
          Range{"keepalive", 5, 900}, Range{"fragmentation-mtu", 500, 16000},
          Range{"idle-timeoutinterval", 5, 43200}, Range{"monitor-min", 0, 4294967295}}) {
        INFO(range.option);
        const std::string none = "no problem there";
        const auto refused = [&](std::uint64_t value) {
            return complaint(range.option, std::to_string(value)).starts_with("out of range");
        };
        CHECK_FALSE(refused(range.minimum));
        CHECK_FALSE(refused(range.maximum));
        if (range.minimum > 0) CHECK(refused(range.minimum - 1));
        CHECK(refused(range.maximum + 1));
    }
    for (const Range& range :
         {Range{"keylifeseconds", 120, 172800}, Range{"keylifekbs", 5120, 4294967295},
          Range{"src-port", 0, 65535}, Range{"dst-port", 0, 65535}, Range{"protocol", 0, 255}}) {
        INFO(range.option);
        const auto refused = [&](std::uint64_t value) {
            return phase2_problem(range.option, std::to_string(value)).message == "out of range";
        };
        CHECK_FALSE(refused(range.minimum));
        CHECK_FALSE(refused(range.maximum));
        if (range.minimum > 0) CHECK(refused(range.minimum - 1));
        CHECK(refused(range.maximum + 1));
    }
}

TEST_CASE("option: a choice names its words, and hints at a near one") {
    CHECK(complaint("dpd", "\"on_idle\"").ends_with("did you mean \"on-idle\"?"));
    CHECK(complaint("dpd", "\"sometimes\"")
              .ends_with("write \"on-demand\", \"on-idle\", \"disable\""));
    CHECK(complaint("dpd", "true").starts_with("not one of the values"));
    CHECK(complaint("ike-version", "1").starts_with("xfrmd speaks IKEv2 only"));
    CHECK(complaint("authmethod", "\"signature\"").contains("does not support certificates"));
    CHECK(complaint("peertype", "\"peergrp\"").contains("certificates"));
}

TEST_CASE("option: a text has a limit and no control characters") {
    CHECK(complaint("comments", "\"" + std::string(256, 'a') + "\"")
              .starts_with("longer than 255 octets"));
    CHECK(complaint("comments", "\"a\\u001b\"").starts_with("has a control character"));
    CHECK(complaint("comments", "7").starts_with("not a text"));
    CHECK(
        only_phase1(load_text(static_tunnel("\"comments\": \" blank at the end \", "))).comments ==
        " blank at the end ");
}

TEST_CASE("option: an address is of its family") {
    CHECK(complaint("local-gw", "\"10.0.0.256\"").starts_with("not an IP address"));
    CHECK(complaint("local-gw", "\"2001:db8::1\"").starts_with("not an IPv4 one"));
    CHECK(complaint("local-gw", "\"gw.example.net\"").starts_with("not an IP address"));
    CHECK(complaint("local-gw", "3232235521").starts_with("not an IP address"));
}

TEST_CASE("option: a subnet is written with a prefix or with FortiOS's mask") {
    CHECK(subnet_text("10.1.0.0/16") == "10.1.0.0/16");
    CHECK(subnet_text("10.1.0.0 255.255.0.0") == "10.1.0.0/16");
    CHECK(subnet_text("0.0.0.0 0.0.0.0") == "0.0.0.0/0");
    CHECK(subnet_text("10.1.2.3 255.255.255.255") == "10.1.2.3/32");
    CHECK(subnet_text("10.1.2.3") == "10.1.2.3/32");
    CHECK(subnet_text("2001:db8::/32") == "2001:db8::/32");
    CHECK(subnet_text("10.1.0.0 255.0.255.0") == "the mask has holes");
    for (const char* text : {"", "10.1.0.0/", "10.1.0.0/x", "10.1.0.0/-1", "x/8", "10.1.0.0 ",
                             "10.1.0.0 x", "10.1.0.0 2001:db8::", "10.1.0.0/99999999999"})
        CHECK(subnet_text(text) == "not a subnet");
    CHECK(subnet_text("10.1.0.0/33") == "a prefix has at most 32 bits");
    CHECK(subnet_text("10.1.0.5/24") == "the address has bits set behind the prefix");
    CHECK(phase2_problem("src-subnet", "\"10.1.0.5/24\"").remedy ==
          "write 10.1.0.0/24 for the subnet, or 10.1.0.5 for the host");
}

TEST_CASE("option: proposals come as a list or as FortiOS prints them") {
    const auto proposals = [](std::string_view value) {
        std::string text = tunnel("\"remote-gw\": \"192.0.2.1\", ");
        const std::string_view usual = R"(["aes256-sha256"])";
        text.replace(text.find(usual), usual.size(), value);
        return load_text(text);
    };
    CHECK(only_phase1(proposals(R"("aes256-sha256  aes128gcm-prfsha384 ")")).proposals ==
          only_phase1(proposals(R"(["aes256-sha256", "aes128gcm-prfsha384"])")).proposals);
    const char* pointer = "/phase1-interface/hub/proposal";
    CHECK(problem_at(proposals("[]"), pointer).message == "the list is empty");
    CHECK(problem_at(proposals("\"\""), pointer).message == "the list is empty");
    CHECK(problem_at(proposals("7"), pointer).message == "not a list");
    CHECK(problem_at(proposals("\"aes256-sha256 des-md5\""), pointer)
              .message.starts_with("\"des-md5\": DES"));
    const Problem twice = problem_at(proposals(R"(["aes256-sha256", "aes256-sha256"])"),
                                     "/phase1-interface/hub/proposal/1");
    CHECK(twice.message == "stands twice in the list");
    CHECK(twice.value == "\"aes256-sha256\"");
}

TEST_CASE("option: dhgrp is a list of numbers") {
    using enum wire::KeyExchangeMethod;
    const auto methods = [](std::string_view value) {
        return only_phase1(load_text(static_tunnel("\"dhgrp\": " + std::string(value) + ", ")))
            .key_exchanges;
    };
    CHECK(methods("[31, 14]") == std::vector{curve25519, modp_2048});
    CHECK(methods("21") == std::vector{ecp_521});
    CHECK(complaint("dhgrp", "[]").starts_with("the list is empty"));
    CHECK(complaint("dhgrp", "\"14\"").starts_with("not a list of numbers"));
    const auto loaded = load_text(static_tunnel("\"dhgrp\": [14, 2, 14], "));
    CHECK(problem_at(loaded, "/phase1-interface/hub/dhgrp/1").message.contains("too small"));
}

TEST_CASE("option: a secret is a text, a file or a credential") {
    const char* pointer = "/phase1-interface/hub/psksecret-remote";
    const auto problem = [&](std::string_view value) {
        return problem_at(
            load_text(static_tunnel("\"psksecret-remote\": " + std::string(value) + ", ")),
            pointer);
    };
    for (const char* value :
         {"7", "{}", "[\"x\"]", "null", "{\"fiel\": \"x\"}", "{\"file\": \"x\", \"y\": 1}"}) {
        CHECK(problem(value).message == "not a secret");
        CHECK(problem(value).value == "***");
    }
    CHECK(problem("{\"file\": 7}").message == "the place of the secret is not a text");
    CHECK(problem("{\"file\": \"\"}").message == "the place of the secret is not a text");
    CHECK(problem("{\"credential\": \"../x\"}").message.contains("no \"/\""));
    CHECK(problem("{\"credential\": \"x\"}").message.contains("cannot be read"));
}

TEST_CASE("option: an interval is seconds, or seconds and milliseconds") {
    const auto interval = [](std::string_view value) {
        return only_phase1(
                   load_text(static_tunnel("\"dpd-retryinterval\": " + std::string(value) + ", ")))
            .dpd_retry_interval;
    };
    CHECK(interval("7") == std::chrono::seconds(7));
    CHECK(interval("[7, 500]") == std::chrono::milliseconds(7500));
    CHECK(complaint("dpd-retryinterval", "[7]").starts_with("not two numbers"));
    const auto loaded = load_text(static_tunnel("\"dpd-retryinterval\": [7, 1000], "));
    CHECK(problem_at(loaded, "/phase1-interface/hub/dpd-retryinterval/1").message ==
          "out of range");
    CHECK_FALSE(loaded.config);
}

TEST_CASE("option: an option without meaning is an error where it could mislead") {
    CHECK(complaint("local-gw6", "\"2001:db8::1\"")
              .starts_with("local-gw6 has no meaning while ip-version is 4"));
    CHECK(complaint("peerid", "\"x\"").starts_with("peerid has no meaning while peertype is any"));
    CHECK(phase2_problem("src-name", "\"lan\"").severity == Problem::Severity::error);
    CHECK(phase2_problem("keylifekbs", "6000").severity == Problem::Severity::warning);
    CHECK(complaint("fragmentation-mtu", "1400").starts_with("no problem"));
    const auto loaded =
        load_text(static_tunnel("\"fragmentation\": false, \"fragmentation-mtu\": 1400, "));
    CHECK(problem_at(loaded, "/phase1-interface/hub/fragmentation-mtu")
              .message.contains("/phase1-interface/hub/fragmentation (xfrmd.json:1)"));
    CHECK(loaded.config);
}

TEST_CASE("option: the default of an option without meaning is no mistake") {
    CHECK(load_text(static_tunnel("\"local-gw6\": \"::\", \"peerid\": \"\", ")).config);
}
