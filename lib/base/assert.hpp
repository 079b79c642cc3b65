// Assertions about our own code, in force in every build. Never about a peer's octets.
#pragma once

namespace xfrmd {

/// Prints the condition and its place to stderr and ends the process.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace xfrmd

#ifdef XFRMD_ASSUME_ASSERTIONS
/// tests/fuzz/coverage does not count the branch that no test may take.
#define XFRMD_ASSERT(condition) static_cast<void>(condition)
#else
#define XFRMD_ASSERT(condition) \
    ((condition) ? void(0) : ::xfrmd::assertion_failed(#condition, __FILE__, __LINE__))
#endif
