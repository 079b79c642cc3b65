// What the key exchange tests share.
#pragma once

#include <openssl/err.h>

#include "crypto/key_exchange.hpp"
#include "scripted_random.hpp"
#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "support/seeded_random.hpp"

namespace xfrmd::test {

/// A key exchange whose private value is made of the seed.
inline crypto::KeyExchange seeded(const crypto::Library& library, wire::KeyExchangeMethod method,
                                  std::uint64_t seed) {
    SeededRandom random(seed);
    return crypto::KeyExchange::generate(library, method, random).value();
}

/// A key exchange with this private value.
inline crypto::KeyExchange scripted(const crypto::Library& library, wire::KeyExchangeMethod method,
                                    std::string_view private_value) {
    ScriptedRandom random(hex_octets(private_value));
    auto exchange = crypto::KeyExchange::generate(library, method, random);
    CHECK(random.left() == 0);
    return std::move(exchange).value();
}

/// Whether the value is refused as invalid, and OpenSSL's error queue left empty.
inline bool refuses(const crypto::KeyExchange& exchange, ByteView peer) {
    const auto secret = exchange.shared_secret(peer);
    return !secret && secret.error() == crypto::CryptoError::invalid_public_value &&
           ERR_peek_error() == 0;
}

inline std::string secret_hex(const crypto::KeyExchange& exchange, ByteView peer) {
    return to_hex(exchange.shared_secret(peer).value().view());
}

/// A published exchange: both public values and the shared secret from both ends.
template <class Vector>
void check_published(const crypto::Library& library, const Vector& vector) {
    const auto initiator = scripted(library, vector.method, vector.private_i);
    const auto responder = scripted(library, vector.method, vector.private_r);
    CHECK(to_hex(initiator.public_value()) == vector.public_i);
    CHECK(to_hex(responder.public_value()) == vector.public_r);
    CHECK(secret_hex(initiator, responder.public_value()) == vector.shared);
    CHECK(secret_hex(responder, initiator.public_value()) == vector.shared);
}

}  // namespace xfrmd::test
