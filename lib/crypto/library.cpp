#include "crypto/library.hpp"

#include <array>
#include <utility>

#include "base/assert.hpp"
#include "crypto/library_parts.hpp"
#include "crypto/mac.hpp"

namespace xfrmd::crypto {

namespace {

using wire::EncryptionId;
using wire::IntegrityId;
using wire::KeyExchangeMethod;
using wire::PrfId;

struct CipherName {
    Cipher cipher;
    const char* name;
};

constexpr std::array<CipherName, 7> cipher_names{{
    {{EncryptionId::aes_cbc, 128}, "AES-128-CBC"},
    {{EncryptionId::aes_cbc, 192}, "AES-192-CBC"},
    {{EncryptionId::aes_cbc, 256}, "AES-256-CBC"},
    {{EncryptionId::aes_gcm_16, 128}, "AES-128-GCM"},
    {{EncryptionId::aes_gcm_16, 192}, "AES-192-GCM"},
    {{EncryptionId::aes_gcm_16, 256}, "AES-256-GCM"},
    {{EncryptionId::chacha20_poly1305, 256}, "ChaCha20-Poly1305"},
}};

struct HashName {
    PrfId prf;
    IntegrityId integrity;
    const char* name;
};

constexpr std::array<HashName, 4> hash_names{{
    {PrfId::hmac_sha1, IntegrityId::hmac_sha1_96, "SHA1"},
    {PrfId::hmac_sha2_256, IntegrityId::hmac_sha2_256_128, "SHA2-256"},
    {PrfId::hmac_sha2_384, IntegrityId::hmac_sha2_384_192, "SHA2-384"},
    {PrfId::hmac_sha2_512, IntegrityId::hmac_sha2_512_256, "SHA2-512"},
}};

constexpr std::array modp_methods{
    KeyExchangeMethod::modp_2048, KeyExchangeMethod::modp_3072, KeyExchangeMethod::modp_4096,
    KeyExchangeMethod::modp_6144, KeyExchangeMethod::modp_8192,
};
constexpr std::array ecp_methods{
    KeyExchangeMethod::ecp_256,
    KeyExchangeMethod::ecp_384,
    KeyExchangeMethod::ecp_521,
};
constexpr std::array xdh_methods{KeyExchangeMethod::curve25519, KeyExchangeMethod::curve448};

/// A context bound to the cipher, without a key.
openssl::CipherContext make_cipher(const char* name) {
    const openssl::CipherAlgorithm algorithm(EVP_CIPHER_fetch(nullptr, name, nullptr));
    openssl::CipherContext context(EVP_CIPHER_CTX_new());
    if (!algorithm || !context ||
        EVP_EncryptInit_ex2(context.get(), algorithm.get(), nullptr, nullptr, nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1)
        return nullptr;
    return context;
}

/// A context bound to HMAC over the hash, with an empty key.
openssl::MacContext make_mac(const EVP_MAC& hmac, const char* hash) {
    openssl::MacContext context(EVP_MAC_CTX_new(const_cast<EVP_MAC*>(&hmac)));
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(hash), 0),
        OSSL_PARAM_construct_end(),
    };
    const std::uint8_t no_key[1] = {0};
    if (!context || EVP_MAC_init(context.get(), no_key, 0, params) != 1) return nullptr;
    return context;
}

template <class Group, class Methods>
void load_groups(std::vector<Group>& groups, const Methods& methods) {
    groups.reserve(methods.size());
    for (KeyExchangeMethod method : methods)
        if (auto group = Group::load(method)) groups.push_back(std::move(*group));
}

template <class Group>
const Group* find_group(const std::vector<Group>& groups, KeyExchangeMethod method) {
    for (const Group& group : groups)
        if (group.method() == method) return &group;
    return nullptr;
}

}  // namespace

Library::Library() : parts_(std::make_unique<Parts>()) {
    for (const CipherName& entry : cipher_names)
        if (auto context = make_cipher(entry.name))
            parts_->ciphers.push_back({entry.cipher, std::move(context)});

    const openssl::MacAlgorithm hmac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    for (const HashName& entry : hash_names)
        if (auto context = hmac ? make_mac(*hmac, entry.name) : nullptr)
            parts_->macs.push_back({entry.prf, entry.integrity, std::move(context)});

    parts_->sha1.reset(EVP_MD_fetch(nullptr, "SHA1", nullptr));
    parts_->hash_context.reset(EVP_MD_CTX_new());

    load_groups(parts_->modp_groups, modp_methods);
    load_groups(parts_->ecp_groups, ecp_methods);
    load_groups(parts_->xdh_functions, xdh_methods);
    // What is missing was queued as an error, but it is an answer.
    ERR_clear_error();
}

Library::~Library() = default;

void Library::forget_keys() const {
    for (const Parts::KeptMac& kept : parts_->macs)
        if (std::exchange(kept.has_key, false)) XFRMD_ASSERT(set_mac_key(*kept.context, {}));
}

bool Library::supports(Cipher cipher) const {
    return parts_->cipher(cipher) != nullptr;
}

bool Library::supports(IntegrityId id) const {
    return parts_->mac(id) != nullptr;
}

bool Library::supports(PrfId id) const {
    return parts_->mac(id) != nullptr;
}

bool Library::supports(KeyExchangeMethod method) const {
    return parts_->modp(method) || parts_->ecp(method) || parts_->xdh(method);
}

EVP_CIPHER_CTX* Library::Parts::cipher(Cipher wanted) const {
    if (wanted.id == EncryptionId::chacha20_poly1305 && wanted.key_bits == 0) wanted.key_bits = 256;
    for (const KeptCipher& kept : ciphers)
        if (kept.cipher == wanted) return kept.context.get();
    return nullptr;
}

EVP_MAC_CTX* Library::Parts::mac(PrfId id) const {
    for (const KeptMac& kept : macs)
        if (kept.prf == id) return kept.has_key = true, kept.context.get();
    return nullptr;
}

EVP_MAC_CTX* Library::Parts::mac(IntegrityId id) const {
    for (const KeptMac& kept : macs)
        if (kept.integrity == id) return kept.has_key = true, kept.context.get();
    return nullptr;
}

const ModpGroup* Library::Parts::modp(KeyExchangeMethod method) const {
    return find_group(modp_groups, method);
}

const EcpGroup* Library::Parts::ecp(KeyExchangeMethod method) const {
    return find_group(ecp_groups, method);
}

const XdhFunction* Library::Parts::xdh(KeyExchangeMethod method) const {
    return find_group(xdh_functions, method);
}

}  // namespace xfrmd::crypto
