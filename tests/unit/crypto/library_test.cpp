#include "crypto/library.hpp"

#include <openssl/err.h>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using wire::EncryptionId;
using wire::IntegrityId;
using wire::KeyExchangeMethod;
using wire::PrfId;

TEST_CASE("Library: has all that xfrmd negotiates") {
    const Library library;
    for (std::uint16_t bits : std::initializer_list<std::uint16_t>{128, 192, 256}) {
        CHECK(library.supports(Cipher{EncryptionId::aes_cbc, bits}));
        CHECK(library.supports(Cipher{EncryptionId::aes_gcm_16, bits}));
    }
    CHECK(library.supports(Cipher{EncryptionId::chacha20_poly1305, 256}));
    CHECK(library.supports(Cipher{EncryptionId::chacha20_poly1305, 0}));
    for (PrfId id :
         {PrfId::hmac_sha1, PrfId::hmac_sha2_256, PrfId::hmac_sha2_384, PrfId::hmac_sha2_512})
        CHECK(library.supports(id));
    for (IntegrityId id : {IntegrityId::hmac_sha1_96, IntegrityId::hmac_sha2_256_128,
                           IntegrityId::hmac_sha2_384_192, IntegrityId::hmac_sha2_512_256})
        CHECK(library.supports(id));
    using enum KeyExchangeMethod;
    for (KeyExchangeMethod method : {modp_2048, modp_3072, modp_4096, modp_6144, modp_8192, ecp_256,
                                     ecp_384, ecp_521, curve25519, curve448})
        CHECK(library.supports(method));
}

TEST_CASE("Library: lacks what is weak or unknown") {
    const Library library;
    CHECK_FALSE(library.supports(Cipher{EncryptionId::aes_cbc, 0}));
    CHECK_FALSE(library.supports(Cipher{EncryptionId::aes_gcm_16, 160}));
    CHECK_FALSE(library.supports(Cipher{EncryptionId::triple_des, 0}));
    CHECK_FALSE(library.supports(PrfId::hmac_md5));
    CHECK_FALSE(library.supports(PrfId{4711}));
    CHECK_FALSE(library.supports(IntegrityId::none));
    CHECK_FALSE(library.supports(IntegrityId::hmac_md5_96));
    CHECK_FALSE(library.supports(KeyExchangeMethod::none));
    CHECK_FALSE(library.supports(KeyExchangeMethod::modp_1024));
    CHECK_FALSE(library.supports(KeyExchangeMethod{4711}));
}

TEST_CASE("Library: leaves no error in OpenSSL's queue") {
    const Library library;
    CHECK(ERR_peek_error() == 0);
}
