#include "base/bytes.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::test;

TEST_CASE("ByteReader: fixed parts are read in network order at their offsets") {
    const Bytes octets = "01 0203 04050607 08090a0b0c0d0e0f"_hex;
    ByteReader reader(octets);
    auto part = reader.fixed<15>();
    REQUIRE(part);
    CHECK(part->u8<0>() == 0x01);
    CHECK(part->u16<1>() == 0x0203);
    CHECK(part->u32<3>() == 0x04050607);
    CHECK(part->u64<7>() == 0x08090a0b0c0d0e0f);
    CHECK(reader.empty());
}

TEST_CASE("ByteReader: a read that does not fit yields nothing and consumes nothing") {
    const Bytes octets = "010203"_hex;
    ByteReader reader(octets);
    CHECK_FALSE(reader.fixed<4>());
    CHECK_FALSE(reader.bytes(4));
    CHECK(reader.remaining() == 3);
    CHECK(equal_bytes(*reader.bytes(3), octets));
    CHECK(reader.bytes(0));
}

TEST_CASE("ByteWriter: fields are appended and patched in network order") {
    Bytes out;
    ByteWriter writer(out);
    writer.u8(1);
    writer.u16(0x0203);
    writer.u32(0x04050607);
    writer.u64(0x08090a0b0c0d0e0f);
    writer.zeros(2);
    CHECK(out == "01 0203 04050607 08090a0b0c0d0e0f 0000"_hex);
    writer.patch_u16(1, 0xaabb);
    writer.patch_u32(3, 0xccddeeff);
    writer.patch_u8(0, 0x99);
    CHECK(out == "99 aabb ccddeeff 08090a0b0c0d0e0f 0000"_hex);
}
