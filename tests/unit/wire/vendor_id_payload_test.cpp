#include "wire/vendor_id_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

TEST_CASE("vendor ID: any octets, also none") {
    const Bytes octets = "0001feff"_hex;
    CHECK(serialized(*VendorIdPayload::parse(octets)) == octets);
    CHECK(VendorIdPayload::parse({})->data.empty());
}

TEST_CASE("vendor ID: every truncation and every change of an octet is survived") {
    sweep_payload<VendorIdPayload>(PayloadType::vendor_id, "0001feff"_hex, 0);
}
