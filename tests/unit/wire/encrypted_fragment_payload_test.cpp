#include "wire/encrypted_fragment_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

std::string refused(PayloadType first_inner, const char* body) {
    return refusal(EncryptedFragmentPayload::parse(first_inner, hex_octets(body)));
}

}  // namespace

TEST_CASE("SKF: number, total and everything from IV to ICV") {
    const Bytes octets = "0001 0003 aabb"_hex;
    const auto payload = EncryptedFragmentPayload::parse(PayloadType::notify, octets);
    REQUIRE(payload);
    CHECK(payload->first_inner == PayloadType::notify);
    CHECK(payload->number == 1);
    CHECK(payload->total == 3);
    CHECK(to_bytes(payload->body) == "aabb"_hex);
    CHECK(serialized(*payload) == octets);
}

TEST_CASE("SKF: A08: shorter than its fixed part, or empty") {
    CHECK(refused(PayloadType::none, "000100") == "cut off");
    CHECK(refused(PayloadType::none, "0001 0001") == "empty");
}

TEST_CASE("SKF: C01: number and total have to make sense") {
    CHECK(refused(PayloadType::none, "0000 0000 aa") == "fragment number 0");
    CHECK(refused(PayloadType::none, "0000 0001 aa") == "fragment number 0");
    CHECK(refused(PayloadType::none, "0001 0000 aa") == "fragment number is over the total");
    CHECK(refused(PayloadType::none, "0003 0002 aa") == "fragment number is over the total");
    CHECK(refused(PayloadType::none, "ffff ffff aa") == "");
}

TEST_CASE("SKF: C01: only the first fragment names the first inner payload") {
    CHECK(refused(PayloadType::notify, "0001 0002 aa") == "");
    CHECK(refused(PayloadType::none, "0002 0002 aa") == "");
    CHECK(refused(PayloadType::notify, "0002 0002 aa") ==
          "next payload in a fragment that is not the first");
}

TEST_CASE("SKF: every truncation and every change of an octet is survived") {
    const Bytes octets = "0002 0003 aabb"_hex;
    sweep_body(octets, 5, [](ByteView body) {
        return EncryptedFragmentPayload::parse(PayloadType::none, body);
    });
    sweep_chain(PayloadType::encrypted_fragment,
                chain_of(PayloadType::encrypted_fragment,
                         EncryptedFragmentPayload{PayloadType::none, 2, 3, octets}));
}
