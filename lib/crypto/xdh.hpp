// Diffie-Hellman by X25519 and X448 (RFC 7748) in IKEv2 (RFC 8031).
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/openssl.hpp"
#include "wire/registry.hpp"

namespace xfrmd::crypto {

/// Groups 31 and 32.
class XdhFunction {
  public:
    static std::optional<XdhFunction> load(wire::KeyExchangeMethod method);

    wire::KeyExchangeMethod method() const { return method_; }
    /// Octets of private values, public values and shared secrets alike.
    std::size_t value_octets() const { return value_octets_; }

    /// A key pair of a private value; null when OpenSSL refuses it.
    openssl::Key import_private(ByteView value) const;
    /// A peer's key; null when OpenSSL refuses it.
    openssl::Key import_public(ByteView value) const;

  private:
    XdhFunction() = default;

    wire::KeyExchangeMethod method_{};
    std::size_t value_octets_ = 0;
    /// Makes keys of octets, again and again.
    openssl::KeyContext importer_;
};

/// A private value of a function.
class XdhKey {
  public:
    static std::expected<XdhKey, CryptoError> generate(const XdhFunction& function, Random& random);

    std::expected<Bytes, CryptoError> public_value() const;
    std::expected<Secret, CryptoError> shared_secret(ByteView peer) const;

  private:
    XdhKey(const XdhFunction& function, openssl::Key key)
        : function_(&function), key_(std::move(key)) {}

    const XdhFunction* function_;
    openssl::Key key_;
};

}  // namespace xfrmd::crypto
