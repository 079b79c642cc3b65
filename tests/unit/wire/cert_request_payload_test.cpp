#include "wire/cert_request_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

const Bytes cert_request = "04 000102030405060708090a0b0c0d0e0f10111213"_hex;

}  // namespace

TEST_CASE("CERTREQ: encoding and authorities") {
    const auto payload = CertRequestPayload::parse(cert_request);
    REQUIRE(payload);
    CHECK(payload->encoding == CertEncoding::x509_signature);
    CHECK(payload->authorities.size() == 20);
    CHECK(payload->authorities[19] == 0x13);
    CHECK(serialized(*payload) == cert_request);
}

TEST_CASE("CERTREQ: no authorities is a request without a wish") {
    CHECK(CertRequestPayload::parse("04"_hex)->authorities.empty());
    CHECK_FALSE(CertRequestPayload::parse({}));
}

TEST_CASE("CERTREQ: every truncation and every change of an octet is survived") {
    sweep_payload<CertRequestPayload>(PayloadType::certificate_request, cert_request, 1);
}
