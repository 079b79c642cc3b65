// Owners of OpenSSL's objects. Everything that this folder takes from OpenSSL lives in one of
// these.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <expected>
#include <memory>

#include "crypto/error.hpp"

namespace xfrmd::crypto::openssl {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

template <class T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

using CipherContext = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using CipherAlgorithm = Handle<EVP_CIPHER, EVP_CIPHER_free>;
using HashContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using HashAlgorithm = Handle<EVP_MD, EVP_MD_free>;
using MacContext = Handle<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using MacAlgorithm = Handle<EVP_MAC, EVP_MAC_free>;
using Key = Handle<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
/// Numbers are wiped when they go, secret or not.
using Number = Handle<BIGNUM, BN_clear_free>;
/// Made anew for each operation: what is freed is wiped, what is kept would hold intermediates.
using NumberScratch = Handle<BN_CTX, BN_CTX_free>;
using Montgomery = Handle<BN_MONT_CTX, BN_MONT_CTX_free>;
using CurveGroup = Handle<EC_GROUP, EC_GROUP_free>;
using CurvePoint = Handle<EC_POINT, EC_POINT_clear_free>;

/// An error to return; forgets what OpenSSL has queued about it, so that its queue stays empty.
inline std::unexpected<CryptoError> failure(CryptoError error) {
    ERR_clear_error();
    return std::unexpected(error);
}

}  // namespace xfrmd::crypto::openssl
