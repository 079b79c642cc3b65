// ESP algorithms as the kernel names them, with the sizes that go over the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/suite.hpp"

namespace xfrmd::xfrm {

/// A cipher of ESP. Sizes in octets.
struct KernelCipher {
    std::string_view name;        ///< "rfc4106(gcm(aes))"
    bool aead = false;            ///< sent as ALG_AEAD, else as ALG_CRYPT
    std::uint8_t icv_size = 0;    ///< 0 unless AEAD
    std::uint8_t salt_size = 0;   ///< counts as key: the kernel takes them as one
    std::uint8_t iv_size = 0;     ///< in front of each packet's ciphertext
    std::uint8_t block_size = 4;  ///< the ciphertext is a multiple of it (RFC 4303 section 2.4)
};

/// An integrity algorithm of ESP, always sent as ALG_AUTH_TRUNC: with plain ALG_AUTH the kernel
/// cuts hmac(sha256) to 96 bits, where RFC 4868 says 128.
struct KernelIntegrity {
    std::string_view name;
    std::uint8_t key_size = 0;
    std::uint8_t icv_size = 0;
};

/// Nothing for a cipher that the kernel has no name for.
std::optional<KernelCipher> kernel_cipher(wire::EncryptionId id);
/// Nothing for `none` and for algorithms that the kernel has no name for.
std::optional<KernelIntegrity> kernel_integrity(wire::IntegrityId id);

/// True if the kernel has names for the suite and it protects integrity: the kernel itself would
/// take a cipher without.
bool is_installable(const crypto::EspSuite& suite);

/// Octets of key that NEWSA takes for the cipher, salt included.
std::size_t kernel_key_size(crypto::Cipher cipher);

}  // namespace xfrmd::xfrm
