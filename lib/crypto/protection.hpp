// Encryption and integrity of the SK payload (RFC 7296 section 3.14, RFC 5282, RFC 7634).
#pragma once

#include <expected>

#include "base/bytes.hpp"
#include "crypto/error.hpp"
#include "crypto/library.hpp"

namespace xfrmd::crypto {

/// The keys of one direction: SK_ei/SK_ai or SK_er/SK_ar. Views of the IKE SA's secrets.
struct ProtectionKeys {
    ByteView encryption;  ///< with the salt for AEAD
    ByteView integrity;   ///< empty for AEAD
};

/// How a suite protects messages. Stateless; refers to the library.
///
/// The message lies in one buffer: `[IKE header ... SK header][IV][plaintext and padding][ICV]`,
/// `body_at` being the place of the IV. What stands before the IV is authenticated as it is.
class Protection {
  public:
    Protection(const Library& library, Cipher cipher, wire::IntegrityId integrity)
        : library_(&library), cipher_(cipher), integrity_(integrity) {}

    std::size_t iv_size() const;
    std::size_t icv_size() const;
    /// The plaintext with its padding must be a multiple of this: 16 for CBC, 1 for AEAD.
    std::size_t block_size() const;

    /// Encrypts in place and writes the ICV. The caller has written the IV: unique for each message
    /// under one key for AEAD, unpredictable for CBC.
    std::expected<void, CryptoError> seal(const ProtectionKeys& keys, MutableByteView message,
                                          std::size_t body_at) const;

    /// Verifies, decrypts in place, and returns the plaintext with its padding: a view of
    /// `message`. A message of any size may be given. With a wrong ICV no plaintext is left in it,
    /// and it may hold anything.
    std::expected<ByteView, CryptoError> open(const ProtectionKeys& keys, MutableByteView message,
                                              std::size_t body_at) const;

  private:
    bool keys_fit(const ProtectionKeys& keys) const;
    bool size_fits(std::size_t message_size, std::size_t body_at) const;

    const Library* library_;
    Cipher cipher_;
    wire::IntegrityId integrity_;
};

}  // namespace xfrmd::crypto
