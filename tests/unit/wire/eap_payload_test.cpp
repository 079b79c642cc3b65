#include "wire/eap_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

TEST_CASE("EAP: code, identifier and data") {
    const Bytes octets = "02 17 0007 01 6162"_hex;
    const auto payload = EapPayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->code == EapCode::response);
    CHECK(payload->identifier == 0x17);
    CHECK(to_bytes(payload->data) == "016162"_hex);
    CHECK(serialized(*payload) == octets);
}

TEST_CASE("EAP: success and failure are bare, requests and responses are not") {
    CHECK(EapPayload::parse("03 01 0004"_hex));
    CHECK(EapPayload::parse("04 01 0004"_hex));
    CHECK_FALSE(EapPayload::parse("03 01 0005 00"_hex));
    CHECK_FALSE(EapPayload::parse("01 01 0004"_hex));
    CHECK_FALSE(EapPayload::parse("02 01 0004"_hex));
    CHECK(EapPayload::parse("09 01 0004"_hex)->code == EapCode{9});
}

TEST_CASE("EAP: its length has to be the payload's") {
    for (const char* wrong : {"01 01 0000 01", "01 01 0004 01", "01 01 0006 01", "01 01 ffff 01"})
        CHECK(refusal(EapPayload::parse(hex_octets(wrong))) == "length is not the payload's");
}

TEST_CASE("EAP: every truncation is refused, every change of an octet is survived") {
    sweep_payload<EapPayload>(PayloadType::extensible_authentication, "02 17 0007 01 6162"_hex, 7);
    sweep_payload<EapPayload>(PayloadType::extensible_authentication, "03 17 0004"_hex, 4);
}
