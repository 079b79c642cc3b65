#include "config/address_book.hpp"

#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

IpRange range(std::string_view first, std::string_view last) {
    return {*IpAddress::from_text(first), *IpAddress::from_text(last)};
}

std::string texts(const std::vector<IpRange>& ranges) {
    std::string text;
    for (const IpRange& each : ranges)
        text += each.to_text() + " ";
    return text;
}

/// The ranges of the local side of a tunnel whose src-name is `name`.
std::string resolve(std::string_view sections, std::string_view name) {
    const auto loaded = load_text(static_tunnel(
        "", "\"src-addr-type\": \"name\", \"src-name\": \"" + std::string(name) + "\", ",
        std::string(sections) + ", "));
    if (!loaded.config) return all_text(loaded);
    return texts(only_phase2(loaded).selectors.local);
}

}  // namespace

TEST_CASE("ranges: overlapping ones are joined, touching ones stay apart") {
    CHECK(texts(without_overlaps({range("10.0.0.5", "10.0.0.9"), range("10.0.0.0", "10.0.0.5"),
                                  range("10.0.0.10", "10.0.0.11"), range("10.0.0.6", "10.0.0.7"),
                                  range("2001:db8::", "2001:db8::1")})) ==
          "10.0.0.0-10.0.0.9 10.0.0.10/31 2001:db8::/127 ");
    CHECK(without_overlaps({}).empty());
}

TEST_CASE("address: a subnet or a range") {
    CHECK(resolve(R"("address": { "a": {"subnet": "10.1.0.0 255.255.0.0"} })", "a") ==
          "10.1.0.0/16 ");
    CHECK(resolve(R"("address": { "a": {"type": "iprange", "start-ip": "10.1.0.3",
                     "end-ip": "10.1.0.7"} })",
                  "a") == "10.1.0.3-10.1.0.7 ");
}

TEST_CASE("address: what is missing or the wrong way round") {
    CHECK(resolve(R"("address": { "a": {} })", "a").contains("\"subnet\" is missing"));
    CHECK(resolve(R"("address": { "a": {"type": "iprange", "start-ip": "10.0.0.1"} })", "a")
              .contains("\"end-ip\" is missing"));
    CHECK(resolve(R"("address": { "a": {"type": "iprange", "start-ip": "10.0.0.2",
                     "end-ip": "10.0.0.1"} })",
                  "a")
              .contains("not behind start-ip 10.0.0.2"));
    CHECK(resolve(R"("address": { "a": {"start-ip": "10.0.0.1"} })", "a")
              .contains("start-ip has no meaning while type is ipmask"));
    CHECK(resolve(R"("address": { "a": {"type": "fqdn"} })", "a")
              .contains("known when the configuration is loaded"));
}

TEST_CASE("addrgrp: groups are flattened through all levels") {
    const char* sections = R"("address": { "a": {"subnet": "10.1.0.0/24"},
                                           "b": {"subnet": "10.2.0.0/24"},
                                           "c": {"subnet": "10.1.0.0/16"} },
                              "addrgrp": { "all": {"member": ["inner", "b"]},
                                           "inner": {"member": ["a", "inmost"]},
                                           "inmost": {"member": ["b", "c"]} })";
    CHECK(resolve(sections, "all") == "10.1.0.0/16 10.2.0.0/24 ");
    CHECK(resolve(sections, "inmost") == "10.1.0.0/16 10.2.0.0/24 ");
}

TEST_CASE("addrgrp: cycles are found, whichever way one enters them") {
    const char* sections = R"("addrgrp": { "x": {"member": ["y"]}, "y": {"member": ["z"]},
                                           "z": {"member": ["x"]} })";
    for (const char* name : {"x", "y", "z"})
        CHECK(resolve(sections, name).contains("the group contains itself through this member"));
    CHECK(resolve(R"("addrgrp": { "x": {"member": ["x"]} })", "x").contains("contains itself"));
}

TEST_CASE("addrgrp: deep nesting and many ranges have limits") {
    std::string chain = "\"address\": {\"a\": {\"subnet\": \"10.0.0.0/8\"}}, \"addrgrp\": {";
    for (int i = 0; i < 5000; ++i)
        chain += "\"g" + std::to_string(i) + "\": {\"member\": [\"" +
                 (i == 4999 ? "a" : "g" + std::to_string(i + 1)) + "\"]},";
    chain.back() = '}';
    CHECK(resolve(chain, "g0").contains("nested deeper than 32 levels"));
}

TEST_CASE("addrgrp: unknown members get a hint, names are given once") {
    CHECK(resolve(R"("address": { "branch": {"subnet": "10.0.0.0/8"} },
                     "addrgrp": { "g": {"member": ["brunch"]} })",
                  "g")
              .contains("did you mean \"branch\"?"));
    CHECK(resolve(R"("address": { "g": {"subnet": "10.0.0.0/8"} },
                     "addrgrp": { "g": {"member": ["g"]} })",
                  "g")
              .contains("has this name already"));
    CHECK(resolve(R"("addrgrp": { "g": {"member": [], "exclude": true} })", "g")
              .contains("FortiOS has exclude"));
}
