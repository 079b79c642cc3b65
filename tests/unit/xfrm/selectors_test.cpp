#include "xfrm/selectors.hpp"

#include "samples.hpp"
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;
using wire::TrafficSelector;

namespace {

TrafficSelector ts(std::string_view first, std::string_view last, std::uint8_t protocol = 0,
                   std::uint16_t start = 0, std::uint16_t end = 65535) {
    return {protocol, start, end, {ip(first), ip(last)}};
}

const TrafficSelector lan = ts("10.1.0.0", "10.1.0.255");
const TrafficSelector hq = ts("10.2.0.0", "10.2.255.255");

/// The only selector that the two need.
Selector one(const TrafficSelector& local, const TrafficSelector& remote) {
    const auto selectors = to_selectors(local, remote);
    REQUIRE(selectors);
    REQUIRE(selectors->size() == 1);
    return selectors->front();
}

SelectorError error(const TrafficSelector& local, const TrafficSelector& remote) {
    const auto selectors = to_selectors(local, remote);
    REQUIRE_FALSE(selectors);
    return selectors.error();
}

bool port_matches(std::uint16_t port, std::uint16_t value, std::uint16_t mask) {
    return ((port ^ value) & mask) == 0;
}

}  // namespace

TEST_CASE("selectors: two subnets make one selector, from local to remote") {
    CHECK(one(lan, hq) == site_selector());
    CHECK(one(ts("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
              ts("2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")) ==
          Selector{net("::/0"), net("2001:db8::/64")});
}

TEST_CASE("selectors: a range becomes the blocks that cover it") {
    const auto selectors = to_selectors(ts("10.1.0.1", "10.1.0.6"), hq);
    REQUIRE(selectors);
    std::vector<std::string> texts;
    for (const Selector& selector : *selectors)
        texts.push_back(selector.source.to_text());
    CHECK(texts ==
          std::vector<std::string>{"10.1.0.1/32", "10.1.0.2/31", "10.1.0.4/31", "10.1.0.6/32"});
}

TEST_CASE("selectors: a protocol and single ports") {
    const Selector selector =
        one(ts("10.1.0.0", "10.1.0.255", 6, 1000, 1000), ts("10.2.0.0", "10.2.255.255", 6, 80, 80));
    CHECK(selector.protocol == 6);
    CHECK(selector.source_port == 1000);
    CHECK(selector.source_port_mask == 0xffff);
    CHECK(selector.destination_port == 80);
    CHECK(selector.destination_port_mask == 0xffff);
}

TEST_CASE("selectors: port ranges are covered exactly") {
    SeededRandom random(7);
    for (int round = 0; round < 30; ++round) {
        auto first = static_cast<std::uint16_t>(random.below(65536));
        auto last = static_cast<std::uint16_t>(random.below(65536));
        if (round == 0) first = 0, last = 65534;
        if (round == 1) first = 1, last = 65535;
        if (first > last) std::swap(first, last);
        const auto selectors = to_selectors(lan, ts("10.2.0.0", "10.2.255.255", 17, first, last));
        REQUIRE(selectors);
        CHECK(selectors->size() <= 30);
        for (unsigned port = 0; port <= 65535; ++port) {
            int hits = 0;
            for (const Selector& selector : *selectors)
                hits += port_matches(static_cast<std::uint16_t>(port), selector.destination_port,
                                     selector.destination_port_mask);
            if (hits != (port >= first && port <= last ? 1 : 0))
                FAIL("port " << port << " of " << first << "-" << last << ": " << hits);
        }
    }
}

TEST_CASE("selectors: where one side allows any protocol the other's counts") {
    CHECK(one(lan, ts("10.2.0.0", "10.2.255.255", 6)).protocol == 6);
    CHECK(one(ts("10.1.0.0", "10.1.0.255", 17), hq).protocol == 17);
    CHECK(error(ts("10.1.0.0", "10.1.0.255", 17), ts("10.2.0.0", "10.2.255.255", 6)) ==
          SelectorError::nothing_in_common);
}

TEST_CASE("selectors: families must agree") {
    CHECK(error(lan, ts("::1", "::1")) == SelectorError::nothing_in_common);
}

TEST_CASE("selectors: opaque ports cannot be matched") {
    CHECK(error(lan, ts("10.2.0.0", "10.2.255.255", 6, 65535, 0)) == SelectorError::opaque_ports);
    CHECK(error(lan, ts("10.2.0.0", "10.2.255.255", 6, 9, 8)) == SelectorError::nothing_in_common);
}

TEST_CASE("selectors: an ICMP type stands as source port, its code as destination port") {
    const TrafficSelector echo = ts("10.2.0.0", "10.2.255.255", 1, 0x0800, 0x08ff);
    const Selector any_code = one(lan, echo);
    CHECK(any_code.source_port == 8);
    CHECK(any_code.source_port_mask == 0xffff);
    CHECK(any_code.destination_port_mask == 0);

    const Selector code = one(ts("10.1.0.0", "10.1.0.255", 1, 0x0304, 0x0304), hq);
    CHECK(code.source_port == 3);
    CHECK(code.destination_port == 4);
    CHECK(code.destination_port_mask == 0xffff);

    const Selector all = one(lan, ts("10.2.0.0", "10.2.255.255", 1));
    CHECK(all.source_port_mask == 0);
    CHECK(all.destination_port_mask == 0);

    const Selector types = one(ts("::", "::", 58, 0x8000, 0x81ff), ts("::1", "::1", 58));
    CHECK(types.source_port == 128);
    CHECK(types.source_port_mask == 0xfffe);
    CHECK(types.destination_port_mask == 0);
}

TEST_CASE("selectors: ICMP ranges that the kernel cannot match") {
    CHECK(error(lan, ts("10.2.0.0", "10.2.255.255", 1, 0x0301, 0x0402)) ==
          SelectorError::icmp_range);
    CHECK(error(ts("10.1.0.0", "10.1.0.255", 1, 0x0300, 0x03ff),
                ts("10.2.0.0", "10.2.255.255", 1, 0x0800, 0x08ff)) ==
          SelectorError::nothing_in_common);
}

TEST_CASE("selectors: the number has a limit") {
    const TrafficSelector awkward = ts("10.0.0.1", "10.255.255.254");
    CHECK(error(awkward, ts("11.0.0.1", "11.255.255.254")) == SelectorError::too_many);
    const std::vector<TrafficSelector> some(1, awkward);
    std::vector<TrafficSelector> many;
    for (int i = 0; i < 6; ++i) {
        const std::string octet = std::to_string(20 + i);
        many.push_back(ts(octet + ".0.0.0", octet + ".0.0.255"));
    }
    CHECK(to_selectors(some, many).error() == SelectorError::too_many);
    many.pop_back();
    const auto fitting = to_selectors(some, many);
    REQUIRE(fitting);
    CHECK(fitting->size() == 46 * 5);
}

TEST_CASE("selectors: lists give every pair once, and pairs that are none are left out") {
    const TrafficSelector lan6 = ts("2001:db8:1::", "2001:db8:1::ffff");
    const TrafficSelector hq6 = ts("2001:db8:2::", "2001:db8:2::ffff");
    const std::vector<TrafficSelector> local{lan, lan6, lan};
    const std::vector<TrafficSelector> remote{hq, hq6};
    const auto selectors = to_selectors(local, remote);
    REQUIRE(selectors);
    CHECK(selectors->size() == 2);
    const std::vector<TrafficSelector> other(1, lan6);
    CHECK(to_selectors(other, std::vector<TrafficSelector>(1, hq)).error() ==
          SelectorError::nothing_in_common);
    CHECK(to_selectors({}, remote).error() == SelectorError::nothing_in_common);
}

TEST_CASE("selectors: reversed swaps the ends, and leaves ICMP types in place") {
    const Selector tcp{net("10.1.0.0/24"), net("10.2.0.0/16"), 6, 1, 0xffff, 80, 0xfff0};
    CHECK(reversed(tcp) ==
          Selector{net("10.2.0.0/16"), net("10.1.0.0/24"), 6, 80, 0xfff0, 1, 0xffff});
    CHECK(reversed(reversed(tcp)) == tcp);
    const Selector icmp{net("10.1.0.0/24"), net("10.2.0.0/16"), 1, 8, 0xffff, 0, 0};
    CHECK(reversed(icmp) == Selector{net("10.2.0.0/16"), net("10.1.0.0/24"), 1, 8, 0xffff, 0, 0});
}

TEST_CASE("selectors: the hull is the smallest selector that covers all") {
    const Selector a{net("10.1.0.0/24"), net("10.2.0.0/16"), 6, 0, 0, 80, 0xffff};
    const Selector b{net("10.1.1.0/24"), net("10.3.0.0/16"), 6, 0, 0, 81, 0xffff};
    const std::vector<Selector> same{a, a};
    CHECK(hull(same) == a);
    const std::vector<Selector> two{a, b};
    CHECK(hull(two) == Selector{net("10.1.0.0/23"), net("10.2.0.0/15"), 6, 0, 0, 80, 0xfffe});
    Selector c = b;
    c.protocol = 17;
    const std::vector<Selector> three{a, b, c};
    CHECK(hull(three) == Selector{net("10.1.0.0/23"), net("10.2.0.0/15")});
    Selector d = a;
    d.destination_port_mask = 0;
    d.destination_port = 0;
    CHECK(hull(std::vector<Selector>{a, d})->destination_port_mask == 0);
}

TEST_CASE("selectors: no hull of nothing or of two families") {
    CHECK_FALSE(hull(std::span<const Selector>{}));
    CHECK_FALSE(hull(std::vector<Selector>{site_selector(), {net("::/0"), net("::/0")}}));
    CHECK(hull(std::vector<Selector>{{net("8000::/1"), net("::/0")}, {net("::/1"), net("::1")}}) ==
          Selector{net("::/0"), net("::/0")});
}

TEST_CASE("selectors: errors have texts") {
    for (SelectorError each : {SelectorError::nothing_in_common, SelectorError::opaque_ports,
                               SelectorError::icmp_range, SelectorError::too_many})
        CHECK(to_text(each).size() > 10);
}
