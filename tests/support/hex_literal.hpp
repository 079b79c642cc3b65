// "0a ff"_hex: octets as published vectors print them, white space ignored.
#pragma once

#include <stdexcept>
#include <string>

#include "base/hex.hpp"

namespace xfrmd::test {

inline Bytes hex_octets(std::string_view text) {
    std::string digits;
    for (char c : text)
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') digits += c;
    auto bytes = from_hex(digits);
    if (!bytes) throw std::invalid_argument("not hexadecimal: " + std::string(text));
    return *bytes;
}

inline Bytes operator""_hex(const char* text, std::size_t size) {
    return hex_octets({text, size});
}

}  // namespace xfrmd::test
