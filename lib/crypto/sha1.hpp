// SHA-1, where a protocol asks for it and no security hangs on it (RFC 7296 section 2.23).
#pragma once

#include <array>
#include <initializer_list>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/library.hpp"

namespace xfrmd::crypto {

using Sha1Digest = std::array<std::uint8_t, 20>;

/// SHA-1 of data[0] | data[1] | ... Nothing if this machine's OpenSSL has no SHA-1.
std::optional<Sha1Digest> sha1(const Library& library, std::initializer_list<ByteView> data);

}  // namespace xfrmd::crypto
