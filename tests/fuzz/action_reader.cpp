#include "fuzz/action_reader.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace xfrmd::test {

std::uint8_t ActionReader::u8() {
    if (rest_.empty()) return 0;
    const std::uint8_t octet = rest_.front();
    rest_ = rest_.subspan(1);
    return octet;
}

std::uint16_t ActionReader::u16() {
    const unsigned high = u8();
    return static_cast<std::uint16_t>(high << 8 | u8());
}

Bytes ActionReader::bytes(std::size_t count) {
    const ByteView taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return to_bytes(taken);
}

void report_finding(const char* what) {
    std::fprintf(stderr, "finding: %s\n", what);
    std::abort();
}

}  // namespace xfrmd::test
