// Diffie-Hellman in the groups of IKEv2: MODP (RFC 3526), ECP (RFC 5903), Curve25519/448 (RFC
// 8031).
#pragma once

#include <expected>
#include <memory>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/error.hpp"
#include "crypto/library.hpp"

namespace xfrmd::crypto {

/// Octets of the KE payload's data for a method; 0 for one we do not know.
std::size_t public_value_size(wire::KeyExchangeMethod method);

/// What can be told of a peer's public value without one of ours: its size, and what of RFC 6989
/// section 2 costs no exponentiation. False for methods that the library lacks. The points of small
/// order of Curve25519 and 448 show in the shared secret only.
bool may_be_public_value(const Library& library, wire::KeyExchangeMethod method, ByteView value);

/// One end's private value, good for one exchange. Equal octets from `random` make equal keys.
class KeyExchange {
  public:
    static std::expected<KeyExchange, CryptoError> generate(const Library& library,
                                                            wire::KeyExchangeMethod method,
                                                            Random& random);
    KeyExchange(KeyExchange&&) noexcept;
    KeyExchange& operator=(KeyExchange&&) noexcept;
    ~KeyExchange();

    wire::KeyExchangeMethod method() const { return method_; }
    /// As it goes into the KE payload: MODP padded to the group's size, ECP x|y, RFC 7748's u.
    ByteView public_value() const { return public_value_; }
    /// g^ir as RFC 7296 section 2.14 wants it (MODP padded, ECP x alone). Refuses values of a wrong
    /// size and those that RFC 6989 section 2 and RFC 8031 section 3.2 exclude.
    std::expected<Secret, CryptoError> shared_secret(ByteView peer_public_value) const;

  private:
    struct Private;
    KeyExchange(wire::KeyExchangeMethod method, Bytes public_value,
                std::unique_ptr<Private> private_value);

    wire::KeyExchangeMethod method_;
    Bytes public_value_;
    std::unique_ptr<Private> private_;
};

}  // namespace xfrmd::crypto
