// Octets as hexadecimal text and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace xfrmd {

/// Two lower-case digits an octet, no separators.
std::string to_hex(ByteView bytes);

/// Takes digits of either case, an even number of them; anything else yields nothing.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace xfrmd
