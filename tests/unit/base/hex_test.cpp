#include "base/hex.hpp"

#include "support/catch.hpp"

using namespace xfrmd;

TEST_CASE("hex: octets become lower-case digits and come back from either case") {
    const Bytes octets{0x00, 0x0f, 0xa5, 0xff};
    CHECK(to_hex(octets) == "000fa5ff");
    CHECK(from_hex("000FA5ff") == octets);
    CHECK(from_hex("") == Bytes{});
}

TEST_CASE("hex: odd lengths and other characters are refused") {
    for (const char* text : {"0", "0g", "0x00", " 00", "-1"})
        CHECK_FALSE(from_hex(text));
}
