// A fuzzer's octets as a row of decisions.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace xfrmd::test {

/// Takes numbers from the front until there are none; after that all of them are 0.
class ActionReader {
  public:
    explicit ActionReader(ByteView octets) : rest_(octets) {}

    bool empty() const { return rest_.empty(); }
    std::uint8_t u8();
    std::uint16_t u16();
    /// 0 to `bound` - 1.
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : u8() % bound; }
    /// As many of `count` octets as there are.
    Bytes bytes(std::size_t count);
    Bytes rest() { return bytes(rest_.size()); }

  private:
    ByteView rest_;
};

/// Ends the program as a crash does, so that the fuzzer keeps the input.
[[noreturn]] void report_finding(const char* what);

inline void expect(bool condition, const char* what) {
    if (!condition) report_finding(what);
}

}  // namespace xfrmd::test
