#include "xfrm/algorithms.hpp"

#include "base/assert.hpp"

namespace xfrmd::xfrm {
namespace {

using wire::EncryptionId;
using wire::IntegrityId;

/// Octets of key without salt.
std::size_t bare_key_size(crypto::Cipher cipher) {
    switch (cipher.id) {
        case EncryptionId::null: return 0;
        case EncryptionId::des: return 8;
        case EncryptionId::triple_des: return 24;
        case EncryptionId::chacha20_poly1305: return 32;
        default: return cipher.key_bits / 8U;
    }
}

}  // namespace

std::optional<KernelCipher> kernel_cipher(EncryptionId id) {
    // name, aead, icv, salt, iv, block
    switch (id) {
        case EncryptionId::des: return KernelCipher{"cbc(des)", false, 0, 0, 8, 8};
        case EncryptionId::triple_des: return KernelCipher{"cbc(des3_ede)", false, 0, 0, 8, 8};
        case EncryptionId::null: return KernelCipher{"ecb(cipher_null)", false, 0, 0, 0, 4};
        case EncryptionId::aes_cbc: return KernelCipher{"cbc(aes)", false, 0, 0, 16, 16};
        case EncryptionId::aes_ctr: return KernelCipher{"rfc3686(ctr(aes))", false, 0, 4, 8, 4};
        case EncryptionId::aes_ccm_8: return KernelCipher{"rfc4309(ccm(aes))", true, 8, 3, 8, 4};
        case EncryptionId::aes_ccm_12: return KernelCipher{"rfc4309(ccm(aes))", true, 12, 3, 8, 4};
        case EncryptionId::aes_ccm_16: return KernelCipher{"rfc4309(ccm(aes))", true, 16, 3, 8, 4};
        case EncryptionId::aes_gcm_8: return KernelCipher{"rfc4106(gcm(aes))", true, 8, 4, 8, 4};
        case EncryptionId::aes_gcm_12: return KernelCipher{"rfc4106(gcm(aes))", true, 12, 4, 8, 4};
        case EncryptionId::aes_gcm_16: return KernelCipher{"rfc4106(gcm(aes))", true, 16, 4, 8, 4};
        case EncryptionId::null_auth_aes_gmac:
            return KernelCipher{"rfc4543(gcm(aes))", true, 16, 4, 8, 4};
        case EncryptionId::camellia_cbc: return KernelCipher{"cbc(camellia)", false, 0, 0, 16, 16};
        case EncryptionId::chacha20_poly1305:
            return KernelCipher{"rfc7539esp(chacha20,poly1305)", true, 16, 4, 8, 4};
        case EncryptionId::des_iv64: return std::nullopt;
    }
    return std::nullopt;
}

std::optional<KernelIntegrity> kernel_integrity(IntegrityId id) {
    switch (id) {
        case IntegrityId::none: return std::nullopt;
        case IntegrityId::hmac_md5_96: return KernelIntegrity{"hmac(md5)", 16, 12};
        case IntegrityId::hmac_sha1_96: return KernelIntegrity{"hmac(sha1)", 20, 12};
        case IntegrityId::aes_xcbc_96: return KernelIntegrity{"xcbc(aes)", 16, 12};
        case IntegrityId::aes_cmac_96: return KernelIntegrity{"cmac(aes)", 16, 12};
        case IntegrityId::hmac_sha2_256_128: return KernelIntegrity{"hmac(sha256)", 32, 16};
        case IntegrityId::hmac_sha2_384_192: return KernelIntegrity{"hmac(sha384)", 48, 24};
        case IntegrityId::hmac_sha2_512_256: return KernelIntegrity{"hmac(sha512)", 64, 32};
    }
    return std::nullopt;
}

bool is_installable(const crypto::EspSuite& suite) {
    const auto cipher = kernel_cipher(suite.cipher.id);
    if (!cipher) return false;
    return cipher->aead ? suite.integrity == IntegrityId::none
                        : kernel_integrity(suite.integrity).has_value();
}

std::size_t kernel_key_size(crypto::Cipher cipher) {
    const auto known = kernel_cipher(cipher.id);
    XFRMD_ASSERT(known.has_value());
    return bare_key_size(cipher) + known->salt_size;
}

}  // namespace xfrmd::xfrm
