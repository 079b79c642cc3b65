#include "wire/key_exchange_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

TEST_CASE("KE: method and public value; reserved octets are ignored") {
    const Bytes octets = "001f 0000 aabbcc"_hex;
    const auto payload = KeyExchangePayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->method == KeyExchangeMethod::curve25519);
    CHECK(to_bytes(payload->data) == "aabbcc"_hex);
    CHECK(serialized(*payload) == octets);
    CHECK(serialized(*KeyExchangePayload::parse("001f ffff aabbcc"_hex)) == octets);
}

TEST_CASE("KE: A20, A21: unknown methods and odd sizes are the exchange's matter") {
    const auto payload = KeyExchangePayload::parse("0401 0000"_hex);
    REQUIRE(payload);
    CHECK(payload->method == KeyExchangeMethod{1025});
    CHECK(payload->data.empty());
    CHECK(KeyExchangePayload::parse(Bytes(65000)));
}

TEST_CASE("KE: every truncation and every change of an octet is survived") {
    sweep_payload<KeyExchangePayload>(PayloadType::key_exchange, "0013 0000 0102030405"_hex, 4);
}
