#include "daemon/system_random.hpp"

#include <sys/random.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/secret.hpp"

namespace xfrmd::daemon {
namespace {

void read_kernel(MutableByteView out) {
    const ssize_t count = getrandom(out.data(), out.size(), 0);
    XFRMD_ASSERT(count >= 0 && static_cast<std::size_t>(count) == out.size());
}

}  // namespace

SystemRandom::~SystemRandom() {
    wipe(block_);
}

void SystemRandom::fill(MutableByteView out) {
    while (!out.empty()) {
        if (used_ == block_size) {
            read_kernel(block_);
            used_ = 0;
        }
        const std::size_t count = std::min(out.size(), block_size - used_);
        const auto from = MutableByteView(block_).subspan(used_, count);
        std::copy(from.begin(), from.end(), out.begin());
        wipe(from);
        used_ += count;
        out = out.subspan(count);
    }
}

}  // namespace xfrmd::daemon
