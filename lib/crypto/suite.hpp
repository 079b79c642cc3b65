// The algorithms that two ends agree on, and the sizes that follow from them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "wire/registry.hpp"

namespace xfrmd::crypto {

/// A cipher as negotiated: the algorithm and its key length in bits, without salt. Where the
/// proposal carries no length because there is only one (ChaCha20-Poly1305), 0 or that length.
struct Cipher {
    wire::EncryptionId id{};
    std::uint16_t key_bits = 0;

    friend auto operator<=>(const Cipher&, const Cipher&) = default;
};

/// True for ciphers that carry their own integrity (RFC 5282, RFC 7634).
bool is_aead(wire::EncryptionId id);

/// The algorithms of an IKE SA; `integrity` is none for an AEAD cipher.
struct IkeSuite {
    Cipher cipher;
    wire::IntegrityId integrity = wire::IntegrityId::none;
    wire::PrfId prf{};
    wire::KeyExchangeMethod key_exchange{};

    friend auto operator<=>(const IkeSuite&, const IkeSuite&) = default;
    /// FortiOS's spelling with the group: "aes128gcm-prfsha256/31", "aes256-sha256/14".
    std::string to_text() const;
};

/// The algorithms of a Child SA (ESP). `key_exchange` is none without PFS and in IKE_AUTH.
struct EspSuite {
    Cipher cipher;
    wire::IntegrityId integrity = wire::IntegrityId::none;
    wire::EsnId esn = wire::EsnId::no;
    wire::KeyExchangeMethod key_exchange = wire::KeyExchangeMethod::none;

    friend auto operator<=>(const EspSuite&, const EspSuite&) = default;
    /// "aes128gcm", "aes256-sha256".
    std::string to_text() const;
};

/// Octets of key material that a cipher takes, the salt of an AEAD cipher included
/// (RFC 5282 section 7.1: 4 octets for GCM; RFC 7634: 4 for ChaCha20-Poly1305). These four sizes
/// are 0 for an algorithm that xfrmd does not implement.
std::size_t cipher_key_size(Cipher cipher);
/// Octets of an integrity key; 0 for none (RFC 4868 section 2.6, RFC 7296 section 2.14).
std::size_t integrity_key_size(wire::IntegrityId id);
/// Octets of the truncated integrity check value that goes over the wire; 0 for none.
std::size_t integrity_icv_size(wire::IntegrityId id);
/// Octets of a PRF's output, which is its preferred key size too (RFC 7296 section 2.13).
std::size_t prf_output_size(wire::PrfId id);

}  // namespace xfrmd::crypto
