#include "wire/nonce_payload.hpp"

#include "support/catch.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

TEST_CASE("nonce: C07: 16 to 256 octets are taken") {
    for (std::size_t size : {0U, 1U, 15U, 16U, 32U, 256U, 257U, 65000U}) {
        const Bytes octets(size, 0x5a);
        const auto payload = NoncePayload::parse(octets);
        CHECK(payload.has_value() == (size >= 16 && size <= 256));
        if (payload) CHECK(serialized(*payload) == octets);
    }
}

TEST_CASE("nonce: every truncation and every change of an octet is survived") {
    sweep_payload<NoncePayload>(PayloadType::nonce, Bytes(32, 7), 16);
}
