#include "xfrm/algorithms.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using wire::EncryptionId;
using wire::IntegrityId;

TEST_CASE("algorithms: ciphers bear the kernel's names and sizes") {
    const KernelCipher gcm = *kernel_cipher(EncryptionId::aes_gcm_16);
    CHECK(gcm.name == "rfc4106(gcm(aes))");
    CHECK(gcm.aead);
    CHECK(gcm.icv_size == 16);
    CHECK(kernel_cipher(EncryptionId::aes_gcm_8)->icv_size == 8);
    CHECK(kernel_cipher(EncryptionId::aes_ccm_12)->name == "rfc4309(ccm(aes))");
    CHECK(kernel_cipher(EncryptionId::chacha20_poly1305)->name == "rfc7539esp(chacha20,poly1305)");
    CHECK(kernel_cipher(EncryptionId::null_auth_aes_gmac)->name == "rfc4543(gcm(aes))");
    const KernelCipher cbc = *kernel_cipher(EncryptionId::aes_cbc);
    CHECK(cbc.name == "cbc(aes)");
    CHECK_FALSE(cbc.aead);
    CHECK(cbc.block_size == 16);
    CHECK(kernel_cipher(EncryptionId::null)->name == "ecb(cipher_null)");
    CHECK_FALSE(kernel_cipher(EncryptionId::des_iv64));
    CHECK_FALSE(kernel_cipher(EncryptionId{999}));
}

TEST_CASE("algorithms: integrity is truncated as its RFC says, not as the kernel's default") {
    const KernelIntegrity sha256 = *kernel_integrity(IntegrityId::hmac_sha2_256_128);
    CHECK(sha256.name == "hmac(sha256)");
    CHECK(sha256.key_size == 32);
    CHECK(sha256.icv_size == 16);
    CHECK(kernel_integrity(IntegrityId::hmac_sha2_384_192)->icv_size == 24);
    CHECK(kernel_integrity(IntegrityId::hmac_sha2_512_256)->icv_size == 32);
    CHECK(kernel_integrity(IntegrityId::hmac_sha1_96)->icv_size == 12);
    CHECK_FALSE(kernel_integrity(IntegrityId::none));
    CHECK_FALSE(kernel_integrity(IntegrityId{999}));
}

TEST_CASE("algorithms: sizes agree with the ones that keys are derived by") {
    for (IntegrityId id : {IntegrityId::hmac_sha1_96, IntegrityId::hmac_sha2_256_128,
                           IntegrityId::hmac_sha2_384_192, IntegrityId::hmac_sha2_512_256}) {
        CHECK(kernel_integrity(id)->key_size == crypto::integrity_key_size(id));
        CHECK(kernel_integrity(id)->icv_size == crypto::integrity_icv_size(id));
    }
    for (crypto::Cipher cipher :
         {crypto::Cipher{EncryptionId::aes_cbc, 128}, crypto::Cipher{EncryptionId::aes_cbc, 256},
          crypto::Cipher{EncryptionId::aes_gcm_16, 128},
          crypto::Cipher{EncryptionId::aes_gcm_16, 256},
          crypto::Cipher{EncryptionId::chacha20_poly1305, 256}})
        CHECK(kernel_key_size(cipher) == crypto::cipher_key_size(cipher));
    CHECK(kernel_key_size({EncryptionId::triple_des, 0}) == 24);
    CHECK(kernel_key_size({EncryptionId::null, 0}) == 0);
    CHECK(kernel_key_size({EncryptionId::aes_ccm_16, 128}) == 19);
}

TEST_CASE("algorithms: a suite without integrity is not installable, though the kernel takes it") {
    crypto::EspSuite suite;
    suite.cipher = {EncryptionId::aes_cbc, 128};
    CHECK_FALSE(is_installable(suite));
    suite.integrity = IntegrityId::hmac_sha2_256_128;
    CHECK(is_installable(suite));
    suite.cipher = {EncryptionId::aes_gcm_16, 128};
    CHECK_FALSE(is_installable(suite));
    suite.integrity = IntegrityId::none;
    CHECK(is_installable(suite));
    suite.cipher = {EncryptionId::des_iv64, 0};
    CHECK_FALSE(is_installable(suite));
}
