// What libFuzzer calls with each input. It has C's linkage, so no header of its declares it.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
