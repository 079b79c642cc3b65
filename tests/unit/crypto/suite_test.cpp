#include "crypto/suite.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using wire::EncryptionId;
using wire::IntegrityId;
using wire::KeyExchangeMethod;
using wire::PrfId;

namespace {

constexpr Cipher aes_cbc(std::uint16_t bits) {
    return {EncryptionId::aes_cbc, bits};
}
constexpr Cipher aes_gcm(std::uint16_t bits) {
    return {EncryptionId::aes_gcm_16, bits};
}
constexpr Cipher chacha{EncryptionId::chacha20_poly1305, 256};

}  // namespace

TEST_CASE("IkeSuite: is written as FortiOS writes it, with the group") {
    const IntegrityId none = IntegrityId::none;
    CHECK(IkeSuite{aes_gcm(128), none, PrfId::hmac_sha2_256, KeyExchangeMethod::curve25519}
              .to_text() == "aes128gcm-prfsha256/31");
    CHECK(
        IkeSuite{aes_gcm(256), none, PrfId::hmac_sha2_384, KeyExchangeMethod::ecp_521}.to_text() ==
        "aes256gcm-prfsha384/21");
    CHECK(IkeSuite{chacha, none, PrfId::hmac_sha2_256, KeyExchangeMethod::ecp_384}.to_text() ==
          "chacha20poly1305-prfsha256/20");
    CHECK(IkeSuite{aes_cbc(256), IntegrityId::hmac_sha2_256_128, PrfId::hmac_sha2_256,
                   KeyExchangeMethod::modp_2048}
              .to_text() == "aes256-sha256/14");
    CHECK(IkeSuite{aes_cbc(128), IntegrityId::hmac_sha1_96, PrfId::hmac_sha1,
                   KeyExchangeMethod::modp_8192}
              .to_text() == "aes128-sha1/18");
}

TEST_CASE("IkeSuite: names the prf where it is not integrity's hash") {
    CHECK(IkeSuite{aes_cbc(192), IntegrityId::hmac_sha2_512_256, PrfId::hmac_sha2_384,
                   KeyExchangeMethod::curve448}
              .to_text() == "aes192-sha512-prfsha384/32");
}

TEST_CASE("EspSuite: is written as FortiOS writes it") {
    CHECK(EspSuite{.cipher = aes_gcm(128)}.to_text() == "aes128gcm");
    CHECK(EspSuite{.cipher = chacha}.to_text() == "chacha20poly1305");
    CHECK(EspSuite{.cipher = aes_cbc(256), .integrity = IntegrityId::hmac_sha2_256_128}.to_text() ==
          "aes256-sha256");
}

TEST_CASE("suite: what xfrmd has no name for is named by the registry") {
    const EspSuite suite{.cipher = {EncryptionId::camellia_cbc, 128}};
    CHECK(suite.to_text() == wire::to_text(EncryptionId::camellia_cbc));
}

TEST_CASE("suite: suites of equal algorithms are equal") {
    CHECK(EspSuite{.cipher = aes_gcm(128)} == EspSuite{.cipher = aes_gcm(128)});
    CHECK(EspSuite{.cipher = aes_gcm(128)} != EspSuite{.cipher = aes_gcm(256)});
    CHECK(EspSuite{.cipher = aes_gcm(128)} != EspSuite{.cipher = aes_cbc(128)});
}

TEST_CASE("suite: AEAD ciphers are told from those that need integrity") {
    CHECK(is_aead(EncryptionId::aes_gcm_16));
    CHECK(is_aead(EncryptionId::aes_ccm_8));
    CHECK(is_aead(EncryptionId::chacha20_poly1305));
    CHECK_FALSE(is_aead(EncryptionId::aes_cbc));
    CHECK_FALSE(is_aead(EncryptionId::aes_ctr));
    CHECK_FALSE(is_aead(EncryptionId::null));
}

TEST_CASE("suite: sizes are those of the RFCs") {
    CHECK(cipher_key_size(aes_cbc(192)) == 24);
    CHECK(cipher_key_size(aes_gcm(128)) == 20);
    CHECK(cipher_key_size(aes_gcm(256)) == 36);
    CHECK(cipher_key_size(chacha) == 36);
    CHECK(cipher_key_size({EncryptionId::chacha20_poly1305, 0}) == 36);
    CHECK(cipher_key_size({EncryptionId::triple_des, 0}) == 0);

    CHECK(integrity_key_size(IntegrityId::none) == 0);
    CHECK(integrity_icv_size(IntegrityId::none) == 0);
    CHECK(integrity_key_size(IntegrityId::hmac_sha1_96) == 20);
    CHECK(integrity_icv_size(IntegrityId::hmac_sha1_96) == 12);
    CHECK(integrity_key_size(IntegrityId::hmac_sha2_256_128) == 32);
    CHECK(integrity_icv_size(IntegrityId::hmac_sha2_256_128) == 16);
    CHECK(integrity_key_size(IntegrityId::hmac_sha2_384_192) == 48);
    CHECK(integrity_icv_size(IntegrityId::hmac_sha2_384_192) == 24);
    CHECK(integrity_key_size(IntegrityId::hmac_sha2_512_256) == 64);
    CHECK(integrity_icv_size(IntegrityId::hmac_sha2_512_256) == 32);

    CHECK(prf_output_size(PrfId::hmac_sha1) == 20);
    CHECK(prf_output_size(PrfId::hmac_sha2_256) == 32);
    CHECK(prf_output_size(PrfId::hmac_sha2_384) == 48);
    CHECK(prf_output_size(PrfId::hmac_sha2_512) == 64);
    CHECK(prf_output_size(PrfId::hmac_md5) == 0);
}
