#include "xfrm/encode_link.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

TEST_CASE("encode_link: RTM_NEWLINK of an XFRM interface, octet by octet") {
    CHECK(to_bytes(encode(CreateInterface{"to-hq", IfId(7), 2, 1400}, {3, 4})) ==
          "58000000 1000 0506 03000000 04000000"
          "00 00 0000 00000000 01000000 01000000"  // up
          "0a00 0300 746f2d6871 00 0000"           // its name
          "0800 0400 78050000"                     // its MTU
          "2400 1280"                              // link info:
          "0900 0100 7866726d 00 000000"           //   kind "xfrm"
          "1400 0280"                              //   data:
          "0800 0100 02000000"                     //     underlay
          "0800 0200 07000000"_hex);               //     interface id
}

TEST_CASE("encode_link: underlay and MTU of 0 are left to the kernel") {
    CHECK(to_bytes(encode(CreateInterface{"a", IfId(1), 0, 0}, {3, 4})) ==
          "44000000 1000 0506 03000000 04000000"
          "00 00 0000 00000000 01000000 01000000"
          "0600 0300 61 00 0000"
          "1c00 1280 0900 0100 7866726d 00 000000 0c00 0280 0800 0200 01000000"_hex);
}

TEST_CASE("encode_link: another underlay of an interface that is there, up or down") {
    CHECK(to_bytes(encode(CreateInterface{"to-hq", IfId(7), 2, 1400, true}, {3, 4})) ==
          "58000000 1000 0500 03000000 04000000"  // neither created nor exclusive
          "00 00 0000 00000000 00000000 00000000"
          "0a00 0300 746f2d6871 00 0000"
          "0800 0400 78050000"
          "2400 1280 0900 0100 7866726d 00 000000"
          "1400 0280 0800 0100 02000000 0800 0200 07000000"_hex);
}

TEST_CASE("encode_link: RTM_DELLINK by name") {
    CHECK(to_bytes(encode(DeleteInterface{"to-hq", IfId(7)}, {3, 4})) ==
          "2c000000 1100 0500 03000000 04000000"
          "00 00 0000 00000000 00000000 00000000"
          "0a00 0300 746f2d6871 00 0000"_hex);
}
