// Diffie-Hellman in the ECP groups of RFC 5903: NIST's curves P-256, P-384 and P-521.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/openssl.hpp"
#include "wire/registry.hpp"

namespace xfrmd::crypto {

/// Groups 19, 20 and 21. Their cofactor is 1: each point of the curve but infinity has the full
/// order, so that a peer's point needs no other check (RFC 6989 section 2.3).
class EcpGroup {
  public:
    static std::optional<EcpGroup> load(wire::KeyExchangeMethod method);

    wire::KeyExchangeMethod method() const { return method_; }
    std::size_t coordinate_octets() const { return coordinate_octets_; }
    /// Whether a peer may send this: x | y of a point on the curve.
    bool accepts(ByteView value) const;
    const EC_GROUP& curve() const { return *curve_; }
    /// n, the number of points.
    const BIGNUM& order() const { return *EC_GROUP_get0_order(curve_.get()); }
    /// p, the prime that coordinates lie below.
    const BIGNUM& field() const { return *EC_GROUP_get0_field(curve_.get()); }

  private:
    EcpGroup() = default;

    wire::KeyExchangeMethod method_{};
    std::size_t coordinate_octets_ = 0;
    openssl::CurveGroup curve_;
};

/// A private scalar in a group, which must outlive it.
class EcpKey {
  public:
    static std::expected<EcpKey, CryptoError> generate(const EcpGroup& group, Random& random);

    /// x | y (RFC 5903 section 7).
    std::expected<Bytes, CryptoError> public_value() const;
    /// x of the common point.
    std::expected<Secret, CryptoError> shared_secret(ByteView peer) const;

  private:
    EcpKey(const EcpGroup& group, openssl::Number scalar)
        : group_(&group), scalar_(std::move(scalar)) {}

    const EcpGroup* group_;
    openssl::Number scalar_;
};

}  // namespace xfrmd::crypto
