#include "config/selectors.hpp"

#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

std::string selectors_of(std::string_view phase2, std::string_view sections = "") {
    const auto loaded = load_text(static_tunnel("", phase2, sections));
    if (!loaded.config) return all_text(loaded);
    const Selectors& selectors = only_phase2(loaded).selectors;
    std::string text;
    for (const IpRange& range : selectors.local)
        text += range.to_text() + " ";
    text += ">";
    for (const IpRange& range : selectors.remote)
        text += " " + range.to_text();
    return text;
}

/// `count` addresses that do not touch, and a group of them.
std::string group_of(int count) {
    std::string addresses = "\"address\": {";
    std::string members;
    for (int i = 0; i < count; ++i) {
        const std::string name = "\"a" + std::to_string(i) + "\"";
        addresses += name + ": {\"subnet\": \"10." + std::to_string(i / 100) + "." +
                     std::to_string(2 * (i % 100)) + ".0/24\"},";
        members += name + ",";
    }
    addresses.back() = '}';
    members.pop_back();
    return addresses + ", \"addrgrp\": {\"g\": {\"member\": [" + members + "]}}, ";
}

}  // namespace

TEST_CASE("selectors: nothing given is everything") {
    CHECK(selectors_of("") == "0.0.0.0/0 > 0.0.0.0/0");
}

TEST_CASE("selectors: each addr-type of FortiOS's takes its own fields") {
    CHECK(selectors_of(R"("src-subnet": "10.1.0.0/24", "dst-subnet": "10.2.0.0 255.255.0.0", )") ==
          "10.1.0.0/24 > 10.2.0.0/16");
    CHECK(selectors_of(R"("src-addr-type": "range", "src-start-ip": "10.1.0.3",
                          "src-end-ip": "10.1.0.9", "dst-addr-type": "ip",
                          "dst-start-ip": "10.2.0.1", )") == "10.1.0.3-10.1.0.9 > 10.2.0.1/32");
    CHECK(selectors_of(R"("src-addr-type": "range", "src-start-ip": "0.0.0.0",
                          "src-end-ip": "10.0.0.0", )") == "0.0.0.0-10.0.0.0 > 0.0.0.0/0");
    CHECK(selectors_of(R"("src-addr-type": "subnet6", "src-subnet6": "2001:db8:1::/48",
                          "dst-addr-type": "ip6", "dst-start-ip6": "2001:db8:2::1", )") ==
          "2001:db8:1::/48 > 2001:db8:2::1/128");
    CHECK(selectors_of(R"("src-addr-type": "range6", "src-start-ip6": "2001:db8::1",
                          "src-end-ip6": "2001:db8::2", "dst-addr-type": "name6",
                          "dst-name6": "lan", )",
                       R"("address": {"lan": {"subnet": "2001:db8:3::/64"}}, )") ==
          "2001:db8::1-2001:db8::2 > 2001:db8:3::/64");
    CHECK(selectors_of(R"("src-addr-type": "name", "src-name": "lan", )",
                       R"("address": {"lan": {"subnet": "10.3.0.0/24"}}, )") ==
          "10.3.0.0/24 > 0.0.0.0/0");
}

TEST_CASE("selectors: protocol and ports are kept") {
    const auto loaded =
        load_text(static_tunnel("", "\"protocol\": 17, \"src-port\": 5060, \"dst-port\": 5061, "));
    const Selectors& selectors = only_phase2(loaded).selectors;
    CHECK(selectors.protocol == 17);
    CHECK(selectors.local_port == 5060);
    CHECK(selectors.remote_port == 5061);
    CHECK(load_text(static_tunnel("", "\"protocol\": 47, ")).config);
}

TEST_CASE("V8 selectors: a type without its field, and a field without its type") {
    CHECK(selectors_of("\"src-addr-type\": \"name\", ").contains("\"src-name\" is missing"));
    CHECK(selectors_of("\"dst-addr-type\": \"ip\", ").contains("\"dst-start-ip\" is missing"));
    CHECK(selectors_of("\"src-addr-type\": \"range\", \"src-start-ip\": \"10.0.0.1\", ")
              .contains("\"src-end-ip\" is missing"));
    CHECK(selectors_of("\"src-name\": \"lan\", ")
              .contains("src-name has no meaning while src-addr-type is subnet"));
}

TEST_CASE("V8 selectors: unknown names, mixed families") {
    const char* addresses = R"("address": {"lan": {"subnet": "10.3.0.0/24"},
                                           "lan6": {"subnet": "2001:db8::/64"}},
                               "addrgrp": {"both": {"member": ["lan", "lan6"]}}, )";
    CHECK(selectors_of("\"src-addr-type\": \"name\", \"src-name\": \"lam\", ", addresses)
              .contains("did you mean \"lan\"?"));
    CHECK(selectors_of("\"src-addr-type\": \"name\", \"src-name\": \"lan6\", ", addresses)
              .contains("use src-addr-type \"name6\" and src-name6"));
    CHECK(selectors_of("\"src-addr-type\": \"name\", \"src-name\": \"both\", ", addresses)
              .contains("it holds 2001:db8::/64, an IPv6 address"));
    CHECK(selectors_of("\"src-addr-type\": \"subnet6\", ").contains("src is IPv6 and dst is IPv4"));
}

TEST_CASE("selectors: ranges run upwards, ports need a protocol with ports") {
    CHECK(selectors_of(R"("src-addr-type": "range", "src-start-ip": "10.1.0.9",
                          "src-end-ip": "10.1.0.3", )")
              .contains("lies before src-start-ip 10.1.0.9"));
    CHECK(selectors_of("\"src-port\": 53, ").contains("protocol is 0"));
    CHECK(selectors_of("\"protocol\": 1, \"dst-port\": 8, ").contains("protocol is 1"));
}

TEST_CASE("selectors: the number of pairs is limited") {
    const auto pairs = [](int local) {
        return selectors_of(R"("src-addr-type": "name", "src-name": "g", )", group_of(local));
    };
    CHECK(pairs(255).ends_with("> 0.0.0.0/0"));
    CHECK(pairs(256).contains("it holds 256 ranges, more than 255"));
    const auto squares = [](int count) {
        return selectors_of(R"("src-addr-type": "name", "src-name": "g",
                               "dst-addr-type": "name", "dst-name": "g", )",
                            group_of(count));
    };
    CHECK(squares(16).contains(" > "));
    CHECK(squares(17).contains("289 pairs of addresses"));
    CHECK(selectors_of(R"("src-addr-type": "range", "src-start-ip": "0.0.0.1",
                          "src-end-ip": "255.255.255.254", "dst-addr-type": "range",
                          "dst-start-ip": "0.0.0.1", "dst-end-ip": "255.255.255.254", )")
              .contains("3844 of subnets"));
}
