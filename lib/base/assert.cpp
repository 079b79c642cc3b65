#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace xfrmd {

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "xfrmd: internal error: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace xfrmd
