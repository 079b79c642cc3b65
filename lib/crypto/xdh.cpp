#include "crypto/xdh.hpp"

namespace xfrmd::crypto {

namespace {

using openssl::failure;
using wire::KeyExchangeMethod;

openssl::Key import_octets(EVP_PKEY_CTX& importer, int selection, const char* name,
                           ByteView value) {
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(value.data()),
                                          value.size()),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(&importer, &key, selection, params) != 1) key = nullptr;
    return openssl::Key(key);
}

/// Looks at all octets, whatever they are.
bool all_zero(ByteView octets) {
    std::uint8_t any = 0;
    for (std::uint8_t octet : octets)
        any |= octet;
    return any == 0;
}

}  // namespace

std::optional<XdhFunction> XdhFunction::load(KeyExchangeMethod method) {
    const bool x25519 = method == KeyExchangeMethod::curve25519;
    if (!x25519 && method != KeyExchangeMethod::curve448) return std::nullopt;

    XdhFunction function;
    function.method_ = method;
    function.value_octets_ = x25519 ? 32 : 56;
    function.importer_.reset(
        EVP_PKEY_CTX_new_from_name(nullptr, x25519 ? "X25519" : "X448", nullptr));
    if (!function.importer_ || EVP_PKEY_fromdata_init(function.importer_.get()) != 1)
        return std::nullopt;
    return function;
}

openssl::Key XdhFunction::import_private(ByteView value) const {
    return import_octets(*importer_, EVP_PKEY_KEYPAIR, OSSL_PKEY_PARAM_PRIV_KEY, value);
}

openssl::Key XdhFunction::import_public(ByteView value) const {
    return import_octets(*importer_, EVP_PKEY_PUBLIC_KEY, OSSL_PKEY_PARAM_PUB_KEY, value);
}

std::expected<XdhKey, CryptoError> XdhKey::generate(const XdhFunction& function, Random& random) {
    Secret octets(function.value_octets());
    random.fill(octets.writable());
    openssl::Key key = function.import_private(octets.view());
    if (!key) return failure(CryptoError::library_failure);
    return XdhKey(function, std::move(key));
}

std::expected<Bytes, CryptoError> XdhKey::public_value() const {
    Bytes value(function_->value_octets());
    std::size_t size = value.size();
    if (EVP_PKEY_get_raw_public_key(key_.get(), value.data(), &size) != 1 || size != value.size())
        return failure(CryptoError::library_failure);
    return value;
}

std::expected<Secret, CryptoError> XdhKey::shared_secret(ByteView peer) const {
    if (peer.size() != function_->value_octets()) return failure(CryptoError::invalid_public_value);
    const openssl::Key peer_key = function_->import_public(peer);
    const openssl::KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    if (!peer_key || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer_ex(context.get(), peer_key.get(), 0) != 1)
        return failure(CryptoError::library_failure);

    Secret secret(function_->value_octets());
    std::size_t size = secret.size();
    // RFC 8031 section 3.2: the all-zero value "MUST abort": it comes of a point of small order.
    // OpenSSL refuses it as well, and says no more than that it failed.
    if (EVP_PKEY_derive(context.get(), secret.writable().data(), &size) != 1 ||
        size != secret.size() || all_zero(secret.view()))
        return failure(CryptoError::invalid_public_value);
    return secret;
}

}  // namespace xfrmd::crypto
