#include "crypto/error.hpp"

namespace xfrmd::crypto {

const char* to_text(CryptoError error) {
    switch (error) {
        case CryptoError::unsupported: return "the algorithm is not available on this machine";
        case CryptoError::invalid_public_value: return "the peer's public value is invalid";
        case CryptoError::integrity_failed: return "the integrity check failed";
        case CryptoError::library_failure: return "the cryptographic library failed";
    }
    return "unknown error";
}

}  // namespace xfrmd::crypto
