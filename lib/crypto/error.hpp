// What can go wrong in cryptography, as far as a caller acts on it.
#pragma once

#include <cstdint>

namespace xfrmd::crypto {

enum class CryptoError : std::uint8_t {
    unsupported,           ///< the library on this machine lacks the algorithm
    invalid_public_value,  ///< the peer's KE data has a wrong length or is not a valid point/number
    integrity_failed,      ///< the ICV or tag does not match
    library_failure,       ///< OpenSSL refused something that it should not: our bug or no memory
};

/// A phrase for logs: "the peer's public value is invalid".
const char* to_text(CryptoError error);

}  // namespace xfrmd::crypto
