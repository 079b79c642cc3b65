// The kernel's randomness, read in blocks so that an SPI does not cost a system call.
#pragma once

#include <array>

#include "base/random.hpp"

namespace xfrmd::daemon {

/// Octets given out are wiped from the buffer. Ends the process if the kernel gives none: there is
/// nothing safe to do without.
class SystemRandom final : public Random {
  public:
    SystemRandom() = default;
    ~SystemRandom() override;
    SystemRandom(const SystemRandom&) = delete;
    SystemRandom& operator=(const SystemRandom&) = delete;

    void fill(MutableByteView out) override;

  private:
    /// getrandom never returns less than asked, nor is interrupted, up to this size (getrandom(2)).
    static constexpr std::size_t block_size = 256;

    std::array<std::uint8_t, block_size> block_{};
    std::size_t used_ = block_size;
};

}  // namespace xfrmd::daemon
