// Nonces (RFC 7296 section 2.10).
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace xfrmd::ike {

/// "at least half the key size of the negotiated pseudorandom function": 32 octets are half of the
/// largest one's, PRF_HMAC_SHA2_512.
inline constexpr std::size_t nonce_size = 32;

inline Bytes fresh_nonce(Random& random) {
    Bytes nonce(nonce_size);
    random.fill(nonce);
    return nonce;
}

}  // namespace xfrmd::ike
