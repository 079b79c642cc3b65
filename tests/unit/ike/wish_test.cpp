#include "ike/wish.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

ChildSpis child(std::uint32_t number) {
    return {EspSpi(number), EspSpi(number + 1000)};
}

}  // namespace

TEST_CASE("wishes: the ends come first, all else as it was asked for") {
    WishList wishes;
    REQUIRE(wishes.add(Probe{}));
    REQUIRE(wishes.add(RekeyChild{EspSpi(256)}));
    REQUIRE(wishes.add(CreateChild{1}));
    REQUIRE(wishes.add(DeleteChildren{{child(256)}}));
    REQUIRE(wishes.add(DeleteIkeSa{}));
    REQUIRE(wishes.add(DeleteChildren{{child(300)}}));
    std::vector<std::size_t> order;
    while (const auto wish = wishes.take())
        order.push_back(wish->index());
    CHECK(order == std::vector<std::size_t>{0, 1, 1, 5, 3, 2});
    CHECK(wishes.empty());
}

TEST_CASE("wishes: the same one waits once") {
    WishList wishes;
    CHECK(wishes.add(CreateChild{1}));
    CHECK(wishes.add(CreateChild{1}));
    CHECK(wishes.add(CreateChild{2}));
    CHECK(wishes.add(RekeyIkeSa{}));
    CHECK(wishes.add(RekeyIkeSa{}));
    CHECK(wishes.size() == 3);
    CHECK(wishes.contains(CreateChild{2}));
    CHECK_FALSE(wishes.contains(CreateChild{3}));
}

TEST_CASE("wishes: too many are refused, none is lost") {
    WishList wishes;
    for (std::size_t i = 0; i < WishList::most; ++i)
        REQUIRE(wishes.add(CreateChild{i}));
    CHECK_FALSE(wishes.add(Probe{}));
    CHECK(wishes.add(CreateChild{0}));
    CHECK(wishes.size() == WishList::most);
}

TEST_CASE("wishes: a Child SA whose DELETE waits is known by the peer's SPI") {
    WishList wishes;
    wishes.add(DeleteChildren{{child(256), child(257)}});
    CHECK(wishes.deletes_child(EspSpi(1257)));
    CHECK_FALSE(wishes.deletes_child(EspSpi(257)));
}
