// Both ends ask for the same at the same moment (RFC 7296 section 2.8.1).
#pragma once

#include <algorithm>

#include "base/bytes.hpp"

namespace xfrmd::ike {

/// "The comparison is done octet by octet" (section 2.8.1): lexical order, the shorter one of two
/// that begin alike is lower.
inline bool is_lower_nonce(ByteView a, ByteView b) {
    return std::ranges::lexicographical_compare(a, b);
}

inline ByteView lowest_nonce(ByteView a, ByteView b) {
    return is_lower_nonce(a, b) ? a : b;
}

/// True if the SA of our exchange is the one to go: the lowest of all four nonces is in it.
inline bool loses(ByteView own_nonce, ByteView answered_nonce, ByteView lowest_of_other) {
    return is_lower_nonce(lowest_nonce(own_nonce, answered_nonce), lowest_of_other);
}

}  // namespace xfrmd::ike
