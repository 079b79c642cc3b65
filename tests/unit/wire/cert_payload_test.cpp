#include "wire/cert_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

TEST_CASE("CERT: encoding and data") {
    const Bytes octets = "04 3082"_hex;
    const auto payload = CertPayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->encoding == CertEncoding::x509_signature);
    CHECK(to_bytes(payload->data) == "3082"_hex);
    CHECK(serialized(*payload) == octets);
}

TEST_CASE("CERT: A02: unknown encodings and every size are kept") {
    CHECK(CertPayload::parse("ff"_hex)->encoding == CertEncoding{255});
    CHECK(CertPayload::parse(Bytes(65531))->data.size() == 65530);
    CHECK_FALSE(CertPayload::parse({}));
}

TEST_CASE("CERT: every truncation and every change of an octet is survived") {
    sweep_payload<CertPayload>(PayloadType::certificate, "04 30820102"_hex, 1);
}
