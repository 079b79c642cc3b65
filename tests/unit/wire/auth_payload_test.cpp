#include "wire/auth_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

TEST_CASE("AUTH: method and data; reserved octets are ignored") {
    const Bytes octets = "0e 000000 aabbcc"_hex;
    const auto payload = AuthPayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->method == AuthMethod::digital_signature);
    CHECK(to_bytes(payload->data) == "aabbcc"_hex);
    CHECK(serialized(*payload) == octets);
    CHECK(serialized(*AuthPayload::parse("0e ffffff aabbcc"_hex)) == octets);
}

TEST_CASE("AUTH: A25: empty data and unknown methods parse, to be refused by verification") {
    const auto payload = AuthPayload::parse("c9 000000"_hex);
    REQUIRE(payload);
    CHECK(payload->method == AuthMethod{201});
    CHECK(payload->data.empty());
}

TEST_CASE("AUTH: every truncation and every change of an octet is survived") {
    sweep_payload<AuthPayload>(PayloadType::authentication, "02 000000 0102030405"_hex, 4);
}
