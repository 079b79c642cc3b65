#include "crypto/suite.hpp"

#include <fmt/format.h>

#include <utility>

namespace xfrmd::crypto {

namespace {

using wire::EncryptionId;
using wire::IntegrityId;
using wire::KeyExchangeMethod;
using wire::PrfId;

/// RFC 5282 section 7.1 and RFC 7634 section 2: the salt that ends the keying material.
constexpr std::size_t salt_octets = 4;

std::string hash_name(PrfId id) {
    if (id == PrfId::hmac_sha1) return "sha1";
    if (id == PrfId::hmac_sha2_256) return "sha256";
    if (id == PrfId::hmac_sha2_384) return "sha384";
    if (id == PrfId::hmac_sha2_512) return "sha512";
    return wire::to_text(id);
}

std::string hash_name(IntegrityId id) {
    if (id == IntegrityId::hmac_sha1_96) return "sha1";
    if (id == IntegrityId::hmac_sha2_256_128) return "sha256";
    if (id == IntegrityId::hmac_sha2_384_192) return "sha384";
    if (id == IntegrityId::hmac_sha2_512_256) return "sha512";
    return wire::to_text(id);
}

std::string cipher_name(Cipher cipher) {
    if (cipher.id == EncryptionId::aes_cbc) return fmt::format("aes{}", cipher.key_bits);
    if (cipher.id == EncryptionId::aes_gcm_16) return fmt::format("aes{}gcm", cipher.key_bits);
    if (cipher.id == EncryptionId::chacha20_poly1305) return "chacha20poly1305";
    return wire::to_text(cipher.id);
}

/// The cipher, and the integrity algorithm where there is one: "aes256-sha256".
std::string protection_name(Cipher cipher, IntegrityId integrity) {
    std::string name = cipher_name(cipher);
    if (integrity != IntegrityId::none) name += "-" + hash_name(integrity);
    return name;
}

}  // namespace

bool is_aead(EncryptionId id) {
    using enum EncryptionId;
    return id == aes_ccm_8 || id == aes_ccm_12 || id == aes_ccm_16 || id == aes_gcm_8 ||
           id == aes_gcm_12 || id == aes_gcm_16 || id == null_auth_aes_gmac ||
           id == chacha20_poly1305;
}

std::string IkeSuite::to_text() const {
    std::string name = protection_name(cipher, integrity);
    // FortiOS names the prf by itself only where integrity does not name it already.
    if (integrity == IntegrityId::none || hash_name(integrity) != hash_name(prf))
        name += "-prf" + hash_name(prf);
    if (key_exchange != KeyExchangeMethod::none)
        name += fmt::format("/{}", std::to_underlying(key_exchange));
    return name;
}

std::string EspSuite::to_text() const {
    return protection_name(cipher, integrity);
}

std::size_t cipher_key_size(Cipher cipher) {
    if (cipher.id == EncryptionId::aes_cbc) return cipher.key_bits / 8U;
    if (cipher.id == EncryptionId::aes_gcm_16) return cipher.key_bits / 8U + salt_octets;
    if (cipher.id == EncryptionId::chacha20_poly1305) return 32 + salt_octets;
    return 0;
}

std::size_t integrity_key_size(IntegrityId id) {
    if (id == IntegrityId::hmac_sha1_96) return 20;
    if (id == IntegrityId::hmac_sha2_256_128) return 32;
    if (id == IntegrityId::hmac_sha2_384_192) return 48;
    if (id == IntegrityId::hmac_sha2_512_256) return 64;
    return 0;
}

std::size_t integrity_icv_size(IntegrityId id) {
    if (id == IntegrityId::hmac_sha1_96) return 12;
    return integrity_key_size(id) / 2;
}

std::size_t prf_output_size(PrfId id) {
    if (id == PrfId::hmac_sha1) return 20;
    if (id == PrfId::hmac_sha2_256) return 32;
    if (id == PrfId::hmac_sha2_384) return 48;
    if (id == PrfId::hmac_sha2_512) return 64;
    return 0;
}

}  // namespace xfrmd::crypto
