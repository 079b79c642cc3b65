#include "wire/notify_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

TEST_CASE("notify: without an SPI the rest is data") {
    const Bytes octets = "00 00 4006 c0ffee"_hex;
    const auto payload = NotifyPayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->protocol == ProtocolId::none);
    CHECK(payload->spi.empty());
    CHECK(payload->notify_type == NotifyType::cookie);
    CHECK(to_bytes(payload->data) == "c0ffee"_hex);
    CHECK_FALSE(payload->esp_spi());
    CHECK(serialized(*payload) == octets);
}

TEST_CASE("notify: REKEY_SA names an ESP SPI") {
    const Bytes octets = "03 04 4009 01020304"_hex;
    const auto payload = NotifyPayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->notify_type == NotifyType::rekey_sa);
    CHECK(payload->esp_spi() == EspSpi(0x01020304));
    CHECK(payload->data.empty());
    CHECK(serialized(*payload) == octets);
}

TEST_CASE("notify: C05: every SPI size against what is left") {
    for (unsigned size = 0; size < 256; ++size) {
        Bytes octets = "03 00 4009"_hex;
        octets[1] = static_cast<std::uint8_t>(size);
        octets.resize(4 + 64);
        const auto payload = NotifyPayload::parse(octets);
        CHECK(payload.has_value() == (size <= 64));
        if (payload) CHECK(payload->esp_spi().has_value() == (size == 4));
    }
}

TEST_CASE("notify: an SPI of another protocol is none of ESP's") {
    CHECK_FALSE(NotifyPayload::parse("01 04 4009 01020304"_hex)->esp_spi());
    CHECK(NotifyPayload::parse("02 04 4009 01020304"_hex)->esp_spi() == EspSpi(0x01020304));
}

TEST_CASE("notify: A31: every type parses") {
    for (unsigned type = 0; type < 65536; type += 257) {
        Bytes octets(4 + 64);
        ByteWriter(octets).patch_u16(2, static_cast<std::uint16_t>(type));
        const auto payload = NotifyPayload::parse(octets);
        REQUIRE(payload);
        CHECK(static_cast<unsigned>(payload->notify_type) == type);
    }
}

TEST_CASE("notify: every truncation and every change of an octet is survived") {
    sweep_payload<NotifyPayload>(PayloadType::notify, "03 04 4009 01020304 0506"_hex, 8);
    sweep_payload<NotifyPayload>(PayloadType::notify, "00 00 4004 0102030405060708"_hex, 4);
}
