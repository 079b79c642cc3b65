// Propagation of errors: the one macro for it.
#pragma once

#include <expected>
#include <utility>

/// Yields the value of a std::expected, or returns its error from the function around it.
/// (A statement expression, which GCC and clang both know.)
#define XFRMD_TRY(expression)                                                               \
    __extension__({                                                                         \
        auto xfrmd_try_result = (expression);                                               \
        if (!xfrmd_try_result) return std::unexpected(std::move(xfrmd_try_result).error()); \
        *std::move(xfrmd_try_result);                                                       \
    })
