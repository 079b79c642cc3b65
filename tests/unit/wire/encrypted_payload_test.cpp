#include "wire/encrypted_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

TEST_CASE("SK: keeps the first inner payload and everything from IV to ICV") {
    const Bytes octets = "000102030405"_hex;
    const auto payload = EncryptedPayload::parse(PayloadType::identification_initiator, octets);
    REQUIRE(payload);
    CHECK(payload->first_inner == PayloadType::identification_initiator);
    CHECK(serialized(*payload) == octets);
}

TEST_CASE("SK: C04: an empty one is refused") {
    CHECK_FALSE(EncryptedPayload::parse(PayloadType::none, {}));
}

TEST_CASE("SK: every truncation and every change of an octet is survived") {
    const Bytes octets = "000102030405"_hex;
    sweep_body(octets, 1,
               [](ByteView body) { return EncryptedPayload::parse(PayloadType::notify, body); });
    sweep_chain(PayloadType::encrypted,
                chain_of(PayloadType::encrypted, EncryptedPayload{PayloadType::notify, octets}));
}
