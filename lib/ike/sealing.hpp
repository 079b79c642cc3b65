// What the Encrypted and the Encrypted Fragment payload have in common: an initialization vector in
// front, padding and check value behind, and the keys of an IKE SA (RFC 7296 section 3.14).
#pragma once

#include <cstddef>
#include <expected>

#include "crypto/protection.hpp"
#include "ike/ike_sa.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::ike {

crypto::Protection protection_of(const IkeSa& sa, const EngineContext& context);

/// Appends the initialization vector of a message of ours.
void append_iv(IkeSa& sa, Bytes& message, EngineContext& context);

/// Octets that stand behind `plain` octets of payloads: padding, its length, the check value.
std::size_t trailer_size(const crypto::Protection& protection, std::size_t plain);

/// A message whose last payload is to be protected. The payload's header is at `payload_at`, its
/// initialization vector at `body_at`, and what is to be encrypted goes on from there to the end.
struct Unsealed {
    Bytes& message;
    wire::ChainWriter& chain;
    std::size_t payload_at;
    std::size_t body_at;
};

/// Pads, sets the lengths, encrypts in place and authenticates.
void seal(IkeSa& sa, const Unsealed& unsealed, EngineContext& context);

/// The keys' side: what `sender` sent is verified and decrypted in place. Returns the plain text
/// with its padding, a view of `message`. Error: it is not authentic.
std::expected<ByteView, crypto::CryptoError> unseal(IkeSa& sa, Role sender, MutableByteView message,
                                                    std::size_t body_at, EngineContext& context);

/// Plain text without its padding. Error: the padding is longer than the text.
std::expected<ByteView, wire::ParseError> without_padding(ByteView plain, wire::PayloadType type);

inline Role other(Role role) {
    return role == Role::initiator ? Role::responder : Role::initiator;
}

}  // namespace xfrmd::ike
