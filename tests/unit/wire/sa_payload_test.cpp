#include "wire/sa_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

/// Two proposals for an IKE SA: AES-CBC-256 with its PRF, integrity and group; AES-GCM-16-128.
const Bytes ike_example = R"(
    02 00 002c 01 01 00 04
       03 00 000c 01 00 000c 800e 0100
       03 00 0008 02 00 0005
       03 00 0008 03 00 000c
       00 00 0008 04 00 000e
    00 00 0024 02 01 00 03
       03 00 000c 01 00 0014 800e 0080
       03 00 0008 02 00 0005
       00 00 0008 04 00 001f)"_hex;

/// One proposal for a Child SA.
const Bytes esp_example = R"(
    00 00 0020 01 03 04 02 c1c2c3c4
       03 00 000c 01 00 0014 800e 0080
       00 00 0008 05 00 0000)"_hex;

/// One IKE proposal with one transform of the given attributes.
Bytes with_attributes(const char* attributes) {
    Bytes octets = "00 00 0000 01 01 00 01  00 00 0000 01 00 000c"_hex;
    const Bytes tail = hex_octets(attributes);
    octets.insert(octets.end(), tail.begin(), tail.end());
    ByteWriter(octets).patch_u16(2, static_cast<std::uint16_t>(octets.size()));
    ByteWriter(octets).patch_u16(10, static_cast<std::uint16_t>(octets.size() - 8));
    return octets;
}

std::string refused(const char* octets) {
    return refusal(SaPayload::parse(hex_octets(octets)));
}

/// A proposal without transforms, with an SPI of the given size.
Bytes bare_proposal(ProtocolId protocol, std::size_t spi_size) {
    const Bytes spi(spi_size);
    return serialized(SaPayload{{Proposal{1, protocol, spi, {}}}});
}

}  // namespace

TEST_CASE("SA: proposals, transforms and key lengths stand where section 3.3 draws them") {
    const auto payload = SaPayload::parse(ike_example);
    REQUIRE(payload);
    REQUIRE(payload->proposals.size() == 2);
    const Proposal& first = payload->proposals[0];
    CHECK(first.number == 1);
    CHECK(first.protocol == ProtocolId::ike);
    CHECK(first.spi.empty());
    REQUIRE(first.transforms.size() == 4);
    CHECK(first.transforms[0] == Transform{TransformType::encryption, 12, 256, false});
    CHECK(first.transforms[1] == Transform{TransformType::prf, 5, {}, false});
    CHECK(first.transforms[2] == Transform{TransformType::integrity, 12, {}, false});
    CHECK(first.transforms[3] == Transform{TransformType::key_exchange, 14, {}, false});
    CHECK(payload->proposals[1].number == 2);
    CHECK(payload->proposals[1].transforms[0] ==
          Transform{TransformType::encryption, 20, 128, false});
    CHECK(serialized(*payload) == ike_example);
}

TEST_CASE("SA: an ESP proposal carries the sender's SPI") {
    const auto payload = SaPayload::parse(esp_example);
    REQUIRE(payload);
    const Proposal& proposal = payload->proposals.at(0);
    CHECK(proposal.esp_spi() == EspSpi(0xc1c2c3c4));
    CHECK_FALSE(proposal.ike_spi());
    CHECK(serialized(*payload) == esp_example);
}

TEST_CASE("SA: a rekeying of the IKE SA carries 8 octets of SPI") {
    const Bytes octets = "00 00 0010 01 01 08 00 0102030405060708"_hex;
    const auto payload = SaPayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->proposals[0].ike_spi() == IkeSpi(0x0102030405060708));
    CHECK_FALSE(payload->proposals[0].esp_spi());
}

TEST_CASE("SA: reserved octets are ignored") {
    CHECK(serialized(*SaPayload::parse("00 ff 0010 01 01 00 01  00 ff 0008 02 ff 0005"_hex)) ==
          "00 00 0010 01 01 00 01  00 00 0008 02 00 0005"_hex);
}

TEST_CASE("SA: A22: the SPI size has to be the protocol's") {
    for (std::size_t size = 0; size < 256; ++size) {
        CHECK(SaPayload::parse(bare_proposal(ProtocolId::ike, size)).has_value() ==
              (size == 0 || size == 8));
        CHECK(SaPayload::parse(bare_proposal(ProtocolId::esp, size)).has_value() == (size == 4));
        CHECK(SaPayload::parse(bare_proposal(ProtocolId::ah, size)).has_value() == (size == 4));
        CHECK(SaPayload::parse(bare_proposal(ProtocolId{9}, size)));
    }
}

TEST_CASE("SA: A22: unknown types and IDs are kept") {
    const Bytes octets = "00 00 0018 01 01 00 02  03 00 0008 4d 00 ffff  00 00 0008 01 00 0401"_hex;
    const auto payload = SaPayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->proposals[0].transforms[0] == Transform{TransformType{77}, 65535, {}, false});
    CHECK(payload->proposals[0].transforms[1].id == 1025);
    CHECK(serialized(*payload) == octets);
}

TEST_CASE("SA: A22: odd key lengths are kept, two are refused") {
    for (const char* attribute : {"800e 0000", "800e 0001", "800e 007f", "800e ffff"}) {
        const Bytes octets = with_attributes(attribute);
        const auto payload = SaPayload::parse(octets);
        REQUIRE(payload);
        CHECK(payload->proposals[0].transforms[0].key_bits);
        CHECK_FALSE(payload->proposals[0].transforms[0].unknown_attribute);
        CHECK(serialized(*payload) == octets);
    }
    CHECK(refusal(SaPayload::parse(with_attributes("800e 0080 800e 0100"))) ==
          "two key lengths in a transform");
}

TEST_CASE("SA: unknown attributes of either format mark their transform") {
    for (const char* attribute : {"8063 0001", "0063 0000", "0063 0003 aabbcc", "000e 0002 0080"}) {
        const auto payload = SaPayload::parse(with_attributes(attribute));
        REQUIRE(payload);
        CHECK(payload->proposals[0].transforms[0].unknown_attribute);
        CHECK_FALSE(payload->proposals[0].transforms[0].key_bits);
    }
    const auto both = SaPayload::parse(with_attributes("0063 0001 aa 800e 0080"));
    REQUIRE(both);
    CHECK(both->proposals[0].transforms[0] == Transform{TransformType::encryption, 12, 128, true});
}

TEST_CASE("SA: A06, A13: attribute lengths are held against the transform") {
    CHECK(refusal(SaPayload::parse(with_attributes("0063 0001"))) ==
          "attribute runs past its transform");
    CHECK(refusal(SaPayload::parse(with_attributes("0063 ffff aa"))) ==
          "attribute runs past its transform");
    CHECK(refusal(SaPayload::parse(with_attributes("800e 01"))) == "attribute is cut off");
}

TEST_CASE("SA: A06, A13: proposal lengths are held against the payload") {
    CHECK(refused("") == "no proposal");
    CHECK(refused("00 00 0008 01 01 00") == "proposal is cut off");
    for (const char* length : {"0000", "0003", "0004", "0007"})
        CHECK(refused(("00 00" + std::string(length) + "01 01 00 00").c_str()) ==
              "proposal is shorter than its header");
    CHECK(refused("00 00 0009 01 01 00 00") == "proposal runs past its payload");
    CHECK(refused("00 00 0008 01 01 08 00") == "SPI runs past its proposal");
    CHECK(refused("00 00 0009 01 01 00 00 00") == "octets behind the last transform");
}

TEST_CASE("SA: the octets that mark the last structure have to tell the truth") {
    constexpr auto proposal = "proposal's last octet contradicts the payload's length";
    constexpr auto transform = "transform's last octet contradicts their number";
    CHECK(refused("02 00 0008 01 01 00 00") == proposal);
    CHECK(refused("01 00 0008 01 01 00 00") == proposal);
    CHECK(refused("00 00 0008 01 01 00 00  00 00 0008 02 01 00 00") == proposal);
    CHECK(refused("02 00 0008 01 01 00 00  00 00 0008 02 01 00 00") == "");
    CHECK(refused("00 00 0010 01 01 00 01  03 00 0008 02 00 0005") == transform);
    CHECK(refused("00 00 0018 01 01 00 02  00 00 0008 02 00 0005 00 00 0008 02 00 0005") ==
          transform);
}

TEST_CASE("SA: the number of transforms has to be true") {
    CHECK(refused("00 00 0010 01 01 00 00  00 00 0008 02 00 0005") ==
          "octets behind the last transform");
    CHECK(refused("00 00 0010 01 01 00 02  03 00 0008 02 00 0005") ==
          "more transforms than the proposal has room for");
    CHECK(refused("00 00 0014 01 01 00 02  03 00 000c 01 00 000c 800e 0080") ==
          "more transforms than the proposal has room for");
    CHECK(refused("00 00 0018 01 01 00 02  03 00 000c 01 00 000c 800e 0080 00000000") ==
          "transform is cut off");
    CHECK(refused("00 00 0010 01 01 00 01  00 00 0007 02 00 0005") ==
          "transform is shorter than its header");
    CHECK(refused("00 00 0010 01 01 00 01  00 00 0009 02 00 0005") ==
          "transform runs past its proposal");
}

TEST_CASE("SA: A22: 255 proposals and 255 transforms are taken, 256 proposals are not") {
    SaPayload payload;
    payload.proposals.assign(SaPayload::max_proposals, Proposal{1, ProtocolId::ike, {}, {}});
    payload.proposals[7].transforms.assign(SaPayload::max_transforms,
                                           Transform{TransformType::prf, 5, {}, false});
    Bytes octets = serialized(payload);
    const auto parsed = SaPayload::parse(octets);
    REQUIRE(parsed);
    CHECK(parsed->proposals.size() == 255);
    CHECK(parsed->proposals[7].transforms.size() == 255);

    const Bytes one_more = "02 00 0008 01 01 00 00"_hex;
    octets.insert(octets.begin(), one_more.begin(), one_more.end());
    CHECK(refusal(SaPayload::parse(octets)) == "too many proposals");
}

TEST_CASE("SA: transforms are printed with their names") {
    CHECK(Transform{TransformType::encryption, 12, 256, false}.to_text() == "ENCR_AES_CBC/256");
    CHECK(Transform{TransformType::prf, 5, {}, false}.to_text() == "PRF_HMAC_SHA2_256");
    CHECK(Transform{TransformType::integrity, 12, {}, true}.to_text() ==
          "AUTH_HMAC_SHA2_256_128 with an unknown attribute");
    CHECK(Transform{TransformType::key_exchange, 31, {}, false}.to_text() == "Curve25519");
    CHECK(Transform{TransformType{7}, 36, {}, false}.to_text() == "ADDKE2: ml-kem-768");
    CHECK(Transform{TransformType::extended_sequence_numbers, 1, {}, false}.to_text() ==
          "Extended Sequence Numbers");
    CHECK(Transform{TransformType{77}, 5, {}, false}.to_text() == "transform type 77: 5");
}

TEST_CASE("SA: every truncation is refused, every change of an octet is survived") {
    // A prefix that ends with the first proposal contradicts its "more follow".
    sweep_payload<SaPayload>(PayloadType::security_association, ike_example, ike_example.size());
    sweep_payload<SaPayload>(PayloadType::security_association, esp_example, esp_example.size());
    const Bytes attributes = with_attributes("0063 0003 aabbcc 800e 0080 8064 0001");
    sweep_payload<SaPayload>(PayloadType::security_association, attributes, attributes.size());
}
