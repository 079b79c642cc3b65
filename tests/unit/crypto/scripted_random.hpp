// A source of randomness that yields chosen octets: how a test gives published private values.
#pragma once

#include <algorithm>
#include <stdexcept>

#include "base/random.hpp"

namespace xfrmd::test {

/// Yields the octets once, from front to back; asking for more is the test's mistake.
class ScriptedRandom final : public Random {
  public:
    explicit ScriptedRandom(Bytes octets) : octets_(std::move(octets)) {}

    void fill(MutableByteView out) override {
        if (out.size() > octets_.size() - used_) throw std::out_of_range("script is too short");
        std::copy_n(octets_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
        used_ += out.size();
    }

    std::size_t left() const { return octets_.size() - used_; }

  private:
    Bytes octets_;
    std::size_t used_ = 0;
};

}  // namespace xfrmd::test
