// Randomness that a test can repeat.
#pragma once

#include <cstdint>

#include "base/random.hpp"

namespace xfrmd::test {

/// splitmix64 over a seed: equal seeds give equal octets. Not for anything but tests.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

    void fill(MutableByteView out) override {
        for (std::uint8_t& octet : out)
            octet = static_cast<std::uint8_t>(next() >> 32);
    }

    std::uint64_t next() {
        std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15ULL;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
        return mixed ^ (mixed >> 31);
    }

    /// Uniform enough for tests: 0 to `bound` - 1.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  private:
    std::uint64_t state_;
};

}  // namespace xfrmd::test
