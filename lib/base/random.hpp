// Randomness as a dependency: the daemon gives the system's, tests give a seed.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>

#include "base/bytes.hpp"

namespace xfrmd {

/// A source of unpredictable octets. With equal octets from it, the engine does equal things.
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(MutableByteView out) = 0;

    template <std::unsigned_integral T>
    T number() {
        std::array<std::uint8_t, sizeof(T)> octets;
        fill(octets);
        return load_big_endian<T>(octets.data());
    }
};

}  // namespace xfrmd
