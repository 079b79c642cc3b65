#include "wire/delete_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

/// A deletion of `count` ESP SAs.
Bytes esp_deletion(std::size_t count) {
    Bytes octets = "03 04 0000"_hex;
    ByteWriter(octets).patch_u16(2, static_cast<std::uint16_t>(count));
    octets.resize(4 + 4 * count);
    return octets;
}

}  // namespace

TEST_CASE("delete: the IKE SA is deleted without SPIs") {
    const Bytes octets = "01 00 0000"_hex;
    const auto payload = DeletePayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->protocol == ProtocolId::ike);
    CHECK(payload->spis.empty());
    CHECK(serialized(*payload) == octets);
}

TEST_CASE("delete: Child SAs are deleted by SPIs of 4 octets, repeated ones are kept") {
    for (const char* text : {"03 04 0003 01020304 a0b0c0d0 01020304", "02 04 0001 01020304"}) {
        const Bytes octets = hex_octets(text);
        const auto payload = DeletePayload::parse(octets);
        REQUIRE(payload);
        CHECK(payload->spis.front() == EspSpi(0x01020304));
        CHECK(payload->spis.size() == octets[3]);
        CHECK(serialized(*payload) == octets);
    }
}

TEST_CASE("delete: a list of no SPIs deletes nothing") {
    CHECK(DeletePayload::parse("03 04 0000"_hex)->spis.empty());
}

TEST_CASE("delete: C06: protocol, SPI size and number have to agree") {
    for (const char* wrong :
         {"01 08 0001 0102030405060708", "01 00 0001", "01 04 0000", "01 00 0000 00", "00 00 0000",
          "00 04 0001 01020304", "04 04 0001 01020304", "ff 04 0001 01020304", "03 00 0000",
          "03 00 0001", "03 03 0001 010203", "03 08 0001 0102030405060708", "03 04 0000 01020304",
          "03 04 0002 01020304", "03 04 4001 01020304", "03 04 ffff 01020304",
          "03 04 0001 0102030405"})
        CHECK_FALSE(DeletePayload::parse(hex_octets(wrong)));
}

TEST_CASE("delete: the number of SPIs is limited") {
    CHECK(DeletePayload::parse(esp_deletion(DeletePayload::max_spis)));
    CHECK(refusal(DeletePayload::parse(esp_deletion(DeletePayload::max_spis + 1))) ==
          "too many SPIs");
}

TEST_CASE("delete: every truncation is refused, every change of an octet is survived") {
    sweep_payload<DeletePayload>(PayloadType::delete_, "01 00 0000"_hex, 4);
    sweep_payload<DeletePayload>(PayloadType::delete_, "03 04 0002 01020304 05060708"_hex, 12);
}
