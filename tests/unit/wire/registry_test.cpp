#include "wire/registry.hpp"

#include "support/catch.hpp"

using namespace xfrmd::wire;

TEST_CASE("registry: numbers have IANA's names") {
    CHECK(to_text(ExchangeType::create_child_sa) == "CREATE_CHILD_SA");
    CHECK(to_text(ExchangeType{43}) == "IKE_INTERMEDIATE");
    CHECK(to_text(PayloadType{33}) == "SA");
    CHECK(to_text(PayloadType{45}) == "TSr");
    CHECK(to_text(PayloadType{53}) == "SKF");
    CHECK(to_text(ProtocolId{3}) == "ESP");
    CHECK(to_text(TransformType{1}) == "ENCR");
    CHECK(to_text(TransformType{6}) == "ADDKE1");
    CHECK(to_text(TransformType{12}) == "ADDKE7");
    CHECK(to_text(EncryptionId{20}) == "ENCR_AES_GCM_16");
    CHECK(to_text(EncryptionId{28}) == "ENCR_CHACHA20_POLY1305");
    CHECK(to_text(PrfId{7}) == "PRF_HMAC_SHA2_512");
    CHECK(to_text(IntegrityId{12}) == "AUTH_HMAC_SHA2_256_128");
    CHECK(to_text(KeyExchangeMethod{14}) == "2048-bit MODP Group");
    CHECK(to_text(KeyExchangeMethod{31}) == "Curve25519");
    CHECK(to_text(KeyExchangeMethod{36}) == "ml-kem-768");
    CHECK(to_text(EsnId{0}) == "No Extended Sequence Numbers");
    CHECK(to_text(IdType{2}) == "ID_FQDN");
    CHECK(to_text(AuthMethod{14}) == "Digital Signature");
    CHECK(to_text(NotifyType{38}) == "TS_UNACCEPTABLE");
    CHECK(to_text(NotifyType{16430}) == "IKEV2_FRAGMENTATION_SUPPORTED");
    CHECK(to_text(NotifyType{16441}) == "ADDITIONAL_KEY_EXCHANGE");
}

TEST_CASE("registry: a number without a name is printed as such") {
    CHECK(to_text(NotifyType{40960}) == "notify 40960");
    CHECK(to_text(ExchangeType{240}) == "exchange 240");
    CHECK(to_text(PayloadType{255}) == "payload 255");
    CHECK(to_text(ProtocolId{4}) == "protocol 4");
    CHECK(to_text(TransformType{0}) == "transform type 0");
    CHECK(to_text(TransformType{13}) == "transform type 13");
    CHECK(to_text(EncryptionId{1024}) == "encryption 1024");
    CHECK(to_text(PrfId{3}) == "prf 3");
    CHECK(to_text(IntegrityId{65535}) == "integrity 65535");
    CHECK(to_text(KeyExchangeMethod{1025}) == "key exchange 1025");
    CHECK(to_text(EsnId{2}) == "sequence numbers 2");
    CHECK(to_text(IdType{200}) == "identification 200");
    CHECK(to_text(AuthMethod{15}) == "authentication method 15");
}

TEST_CASE("registry: notifies below 16384 are errors") {
    CHECK(is_error(NotifyType::temporary_failure));
    CHECK(is_error(NotifyType{16383}));
    CHECK_FALSE(is_error(NotifyType{16384}));
}
