#include "ike/policy_overlap.hpp"

#include <fmt/format.h>

#include "ike/policy_table.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using xfrm::Selector;

namespace {

Selector between(const std::string& source, const std::string& destination) {
    return {.source = *Subnet::from_text(source), .destination = *Subnet::from_text(destination)};
}

Selector tcp(const char* source, const char* destination, std::uint16_t port) {
    Selector selector = between(source, destination);
    selector.protocol = 6;
    selector.destination_port = port;
    selector.destination_port_mask = 0xffff;
    return selector;
}

/// Claims by peers of a dial-up server (with a name) and by configured tunnels (without).
struct Claims {
    bool peer(const char* name, const Selector& selector, IfId if_id = IfId{}) {
        PolicyUse use;
        use.owner = {Reqid(1), {*IpAddress::from_text("192.0.2.1"), to_bytes(as_bytes(name))}};
        return table.claim({&selector, 1}, if_id, EspSpi(++holders), use).has_value();
    }
    bool tunnel(std::uint32_t reqid, const Selector& selector) {
        PolicyUse use;
        use.owner.reqid = Reqid(reqid);
        return table.claim({&selector, 1}, IfId{}, EspSpi(++holders), use).has_value();
    }

    PolicyTable table;
    std::uint32_t holders = 0;
};

}  // namespace

TEST_CASE("policy overlap: prefixes, protocols and ports") {
    const Selector net = between("10.1.0.0/24", "10.2.0.0/24");
    CHECK(overlap(net, net));
    CHECK(overlap(net, between("0.0.0.0/0", "10.2.0.5/32")));
    CHECK(overlap(between("10.1.0.128/25", "10.0.0.0/8"), net));
    CHECK_FALSE(overlap(net, between("10.1.0.0/24", "10.2.1.0/24")));
    CHECK_FALSE(overlap(net, between("10.1.1.0/24", "10.2.0.0/24")));
    CHECK_FALSE(overlap(between("::/0", "::/0"), between("0.0.0.0/0", "0.0.0.0/0")));
    CHECK(overlap(net, tcp("10.1.0.0/24", "10.2.0.0/24", 80)));
    CHECK_FALSE(
        overlap(tcp("10.1.0.0/24", "10.2.0.0/24", 443), tcp("10.1.0.0/24", "10.2.0.0/24", 80)));
}

TEST_CASE("policy overlap: a block around a smaller one") {
    const Subnet host = *Subnet::from_text("10.255.3.129/32");
    CHECK(widened(host, 25).to_text() == "10.255.3.128/25");
    CHECK(widened(host, 24).to_text() == "10.255.3.0/24");
    CHECK(widened(host, 9).to_text() == "10.128.0.0/9");
    CHECK(widened(host, 0).to_text() == "0.0.0.0/0");
    CHECK(widened(host, 32) == host);
}

TEST_CASE("B07 policy overlap: a peer gets nothing of another peer's, wider or narrower") {
    for (const auto& [first, second] :
         {std::pair{"10.5.0.0/16", "10.5.7.0/24"}, std::pair{"10.5.7.0/24", "10.5.0.0/16"},
          std::pair{"10.5.7.1/32", "0.0.0.0/0"}, std::pair{"0.0.0.0/0", "10.5.7.1/32"}}) {
        INFO(first << " then " << second);
        Claims claims;
        CHECK(claims.peer("a", between("10.1.0.0/24", first)));
        CHECK_FALSE(claims.peer("b", between("10.1.0.0/24", second)));
        CHECK_FALSE(claims.peer("b", between("10.1.0.5/32", second)));
        CHECK(claims.peer("b", between("10.2.0.0/24", second)));           // of other hosts of ours
        CHECK(claims.peer("a", between("10.1.0.0/24", second)));           // its own
        CHECK(claims.peer("b", between("10.1.0.0/24", second), IfId(5)));  // by another device
    }
}

TEST_CASE("B07 policy overlap: a peer wins over no configured tunnel, and gets what is beside it") {
    Claims claims;
    CHECK(claims.tunnel(2, between("0.0.0.0/0", "10.5.0.0/16")));
    CHECK_FALSE(claims.peer("a", between("0.0.0.0/0", "10.5.7.0/24")));
    CHECK_FALSE(claims.peer("a", between("10.1.0.0/24", "10.0.0.0/8")));  // wins by its source
    CHECK(claims.peer("a", between("0.0.0.0/0", "10.0.0.0/8")));
}

TEST_CASE("policy overlap: configured tunnels may lie within each other and within peers'") {
    Claims claims;
    CHECK(claims.tunnel(2, between("10.1.0.0/24", "10.0.0.0/8")));
    CHECK(claims.tunnel(3, between("10.1.0.0/24", "10.1.0.0/16")));
    CHECK(claims.peer("a", between("10.1.0.0/24", "172.16.0.0/12")));
    CHECK(claims.tunnel(4, between("10.1.0.0/24", "172.16.1.0/24")));
}

TEST_CASE("policy overlap: what is released is free for others") {
    Claims claims;
    const Selector wide = between("10.1.0.0/24", "10.5.0.0/16");
    const Selector narrow = between("10.1.0.0/24", "10.5.7.0/24");
    REQUIRE(claims.peer("a", wide));
    claims.table.release({&wide, 1}, IfId{}, EspSpi(claims.holders));
    for (const auto direction : {xfrm::Direction::in, xfrm::Direction::forward}) {
        const Selector reversed{.source = wide.destination, .destination = wide.source};
        const PolicyStep step{0, reversed, IfId{}, direction, false};
        (void)claims.table.on_answers({&step, 1}, {});
    }
    CHECK(claims.table.size() == 0);
    CHECK(claims.peer("b", narrow));
}

TEST_CASE("C18 policy overlap: a peer beside ten thousand tunnels") {
    Claims claims;
    for (std::uint32_t i = 0; i < 10'000; ++i)
        CHECK(claims.tunnel(10 + i,
                            between("0.0.0.0/0", fmt::format("10.{}.{}.0/24", i / 256, i % 256))));
    CHECK(claims.peer("a", between("0.0.0.0/0", "0.0.0.0/0")));
    CHECK_FALSE(claims.peer("b", between("0.0.0.0/0", "10.30.7.9/32")));
    CHECK(claims.peer("a", between("0.0.0.0/0", "172.16.0.0/12")));
}
