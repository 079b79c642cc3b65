#include "xfrm/netlink_reader.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

TEST_CASE("NetlinkReader: walks messages, of which the last may lack its padding") {
    const Bytes buffer =
        "12000000 1000 0000 01000000 02000000 aabb 0000"
        "11000000 1100 0300 03000000 04000000 cc"_hex;
    NetlinkReader reader(buffer);
    const auto first = reader.next();
    REQUIRE(first);
    CHECK(first->header.type == 0x10);
    CHECK(first->header.sequence == 1);
    CHECK(first->header.port_id == 2);
    CHECK(equal_bytes(first->payload, "aabb"_hex));
    const auto second = reader.next();
    REQUIRE(second);
    CHECK(second->header.flags == 3);
    CHECK(equal_bytes(second->payload, "cc"_hex));
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.malformed());
}

TEST_CASE("NetlinkReader: lengths that do not fit end the walk") {
    for (std::string_view header : {"0f000000", "00000000", "11000000", "ffffffff"}) {
        const Bytes buffer = hex_octets(std::string(header) + "10000000 01000000 02000000");
        NetlinkReader reader(buffer);
        CHECK_FALSE(reader.next());
        CHECK(reader.malformed());
        CHECK_FALSE(reader.next());
    }
}

TEST_CASE("NetlinkReader: every truncation is told") {
    const Bytes buffer = "14000000 1000 0000 01000000 02000000 aabbccdd"_hex;
    for (std::size_t size = 1; size < buffer.size(); ++size) {
        const Bytes cut(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
        NetlinkReader reader(cut);
        CHECK_FALSE(reader.next());
        CHECK(reader.malformed());
    }
}

TEST_CASE("Attributes: are found by number, whatever their flags") {
    const Bytes octets = "0500 0100 aa 000000 0800 0280 01020304 0600 0200 ffff"_hex;
    const Attributes attributes(octets);
    CHECK(equal_bytes(*attributes.find(1), "aa"_hex));
    CHECK(equal_bytes(*attributes.find(2), "01020304"_hex));
    CHECK(attributes.get<std::uint32_t>(2) == 0x04030201);
    CHECK(attributes.get<std::uint8_t>(1) == 0xaa);
    CHECK_FALSE(attributes.get<std::uint32_t>(1));
    CHECK_FALSE(attributes.find(3));
}

TEST_CASE("Attributes: reading stops at a length that does not fit") {
    for (std::string_view header : {"0300", "0000", "0900", "ffff"}) {
        const Bytes octets = hex_octets(std::string(header) + "0100 aabbccdd");
        CHECK_FALSE(Attributes(octets).find(1));
    }
    CHECK_FALSE(Attributes("0500"_hex).find(1));
    CHECK_FALSE(Attributes({}).find(1));
}

TEST_CASE("read_body: what follows a structure starts at its padded end") {
    const Bytes octets = "11 000000 0500 0700 22"_hex;
    const auto body = read_body<std::uint8_t>(octets);
    REQUIRE(body);
    CHECK(body->fixed == 0x11);
    CHECK(body->attributes.get<std::uint8_t>(7) == 0x22);
    CHECK(read_body<std::uint8_t>("11"_hex));
    CHECK_FALSE(read_body<std::uint32_t>("112233"_hex));
}
