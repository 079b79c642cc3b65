// Diffie-Hellman in the MODP groups of RFC 3526.
//
// By BIGNUMs rather than EVP_PKEY: OpenSSL 3.0 validates a peer's value by an exponentiation of the
// group's full size, ten times the cost of the exchange. In a safe-prime group RFC 6989 section 2.1
// asks for 1 < y < p - 1 and no more.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/openssl.hpp"
#include "wire/registry.hpp"

namespace xfrmd::crypto {

/// Groups 14 to 18: a safe prime, and the generator 2.
class ModpGroup {
  public:
    static std::optional<ModpGroup> load(wire::KeyExchangeMethod method);

    wire::KeyExchangeMethod method() const { return method_; }
    std::size_t value_octets() const { return value_octets_; }
    std::size_t exponent_octets() const { return exponent_octets_; }

    /// base^exponent mod p, in time that does not depend on the exponent's bits;
    /// `value_octets()` octets.
    std::expected<Secret, CryptoError> power(const BIGNUM& base, const BIGNUM& exponent) const;
    /// Whether a peer may send this: 1 < value < p - 1.
    bool accepts(const BIGNUM& value) const;
    /// The same for the octets of a KE payload.
    bool accepts(ByteView value) const;
    const BIGNUM& generator() const { return *generator_; }

  private:
    ModpGroup() = default;

    wire::KeyExchangeMethod method_{};
    std::size_t value_octets_ = 0;
    std::size_t exponent_octets_ = 0;
    openssl::Number prime_;
    openssl::Number prime_minus_one_;
    openssl::Number generator_;
    openssl::Montgomery montgomery_;
};

/// A private exponent in a group, which must outlive it.
class ModpKey {
  public:
    static std::expected<ModpKey, CryptoError> generate(const ModpGroup& group, Random& random);

    std::expected<Bytes, CryptoError> public_value() const;
    std::expected<Secret, CryptoError> shared_secret(ByteView peer) const;

  private:
    ModpKey(const ModpGroup& group, openssl::Number exponent)
        : group_(&group), exponent_(std::move(exponent)) {}

    const ModpGroup* group_;
    openssl::Number exponent_;
};

}  // namespace xfrmd::crypto
