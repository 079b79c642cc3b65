#include "ike/policy_table.hpp"

#include <set>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using xfrm::Direction;
using xfrm::Selector;

namespace {

Selector between(const char* source, const char* destination) {
    return {.source = *Subnet::from_text(source), .destination = *Subnet::from_text(destination)};
}

const std::vector<Selector> two{between("10.1.0.0/24", "10.2.0.0/24"),
                                between("10.1.0.0/24", "10.3.0.0/24")};

const PolicyOwner owner_1{Reqid(1), *IpAddress::from_text("192.0.2.1")};
const PolicyOwner owner_2{Reqid(2), *IpAddress::from_text("192.0.2.1")};

}  // namespace

TEST_CASE("policy table: who claims alone takes everything away again") {
    PolicyTable table;
    CHECK_FALSE(table.claim(two, IfId(0), owner_1));
    CHECK(table.size() == 2);
    CHECK(table.release(two, IfId(0)) == two);
    CHECK(table.size() == 0);
}

TEST_CASE("policy table: two Child SAs of one phase 2 share, the last one out removes") {
    PolicyTable table;
    CHECK_FALSE(table.claim(two, IfId(0), owner_1));
    CHECK_FALSE(table.claim(std::span(two).first(1), IfId(0), owner_1));
    CHECK(table.release(two, IfId(0)) == std::vector{two[1]});
    CHECK(table.release(std::span(two).first(1), IfId(0)) == std::vector{two[0]});
}

TEST_CASE("policy table: another phase 2's selector is refused, and nothing of the claim stays") {
    PolicyTable table;
    CHECK_FALSE(table.claim(std::span(two).last(1), IfId(0), owner_1));
    CHECK(table.claim(two, IfId(0), owner_2) == owner_1);
    CHECK(table.size() == 1);
    CHECK(table.release(std::span(two).last(1), IfId(0)).size() == 1);
    CHECK_FALSE(table.claim(two, IfId(0), owner_2));
}

TEST_CASE("policy table: two peers of one dial-up server never share a selector") {
    PolicyTable table;
    const PolicyOwner other_peer{Reqid(1), *IpAddress::from_text("192.0.2.2")};
    CHECK_FALSE(table.claim(two, IfId(0), owner_1));
    CHECK(table.claim(two, IfId(0), other_peer) == owner_1);
}

TEST_CASE("policy table: equal selectors on two interfaces are two policies") {
    PolicyTable table;
    CHECK_FALSE(table.claim(two, IfId(1), owner_1));
    CHECK_FALSE(table.claim(two, IfId(2), owner_2));
    CHECK(table.size() == 4);
    CHECK(table.index(two[0], IfId(1), Direction::out) !=
          table.index(two[0], IfId(2), Direction::out));
}

TEST_CASE("policy table: indices are of our own range, all differ, and end with the direction") {
    PolicyTable table;
    CHECK_FALSE(table.claim(two, IfId(0), owner_1));
    std::set<std::uint32_t> seen;
    for (const Selector& selector : two) {
        for (Direction direction : {Direction::in, Direction::out, Direction::forward}) {
            const PolicyIndex index = table.index(selector, IfId(0), direction);
            CHECK(xfrm::is_own(index));
            CHECK((index.value() & 7) == std::to_underlying(direction));
            seen.insert(index.value());
        }
    }
    CHECK(seen.size() == 6);
}

TEST_CASE("policy table: an index stays the same while shares come and go") {
    PolicyTable table;
    CHECK_FALSE(table.claim(two, IfId(0), owner_1));
    const PolicyIndex index = table.index(two[0], IfId(0), Direction::out);
    CHECK_FALSE(table.claim(two, IfId(0), owner_1));
    CHECK(table.release(two, IfId(0)).empty());
    CHECK(table.index(two[0], IfId(0), Direction::out) == index);
}
