#include "xfrm/netlink_writer.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

static_assert(std::endian::native == std::endian::little, "the golden octets are little-endian");

TEST_CASE("NetlinkWriter: header, structure and padded attributes") {
    WipedBytes out;
    NetlinkWriter writer(out, 0x10, 0x5, {0x01020304, 0x0a0b0c0d});
    writer.fixed(std::uint8_t{0xee});
    writer.attribute(31, std::uint32_t{7});
    writer.attribute(33, std::uint8_t{2});
    writer.attribute(99, ByteView{});
    writer.attribute(18, std::uint16_t{0x1234}, Bytes{0xaa});
    writer.finish();
    CHECK(to_bytes(out) ==
          "30000000 1000 0500 04030201 0d0c0b0a"  // 48 octets, type, flags, sequence, port id
          "ee000000"                              // the structure, padded
          "0800 1f00 07000000"
          "0500 2100 02 000000"  // the length does not count the padding
          "0400 6300"
          "0700 1200 3412 aa 00"_hex);
}

TEST_CASE("NetlinkWriter: nested attributes and texts") {
    WipedBytes out;
    NetlinkWriter writer(out, 16, 1, {});
    const std::size_t outer = writer.begin_nested(18);
    writer.text_attribute(1, "xfrm");
    writer.end_nested(outer);
    writer.finish();
    CHECK(to_bytes(out) ==
          "20000000 1000 0100 00000000 00000000"
          "1000 1280"
          "0900 0100 7866726d 00 000000"_hex);
}

TEST_CASE("NetlinkWriter: messages can follow each other in one buffer") {
    WipedBytes out;
    for (std::uint32_t sequence : {1U, 2U}) {
        NetlinkWriter writer(out, 3, 0, {sequence, 0});
        writer.finish();
    }
    CHECK(to_bytes(out) ==
          "10000000 0300 0000 01000000 00000000"
          "10000000 0300 0000 02000000 00000000"_hex);
}
