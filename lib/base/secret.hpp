// Octets that must not outlive their use: keys, shared secrets, key material.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace xfrmd {

/// Overwrites octets in a way that the compiler may not leave out.
void wipe(MutableByteView bytes);

/// An allocator that wipes memory before it gives it back.
template <class T>
struct WipingAllocator {
    using value_type = T;

    WipingAllocator() = default;
    template <class U>
    explicit WipingAllocator(const WipingAllocator<U>&) {}

    T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
    void deallocate(T* at, std::size_t count) {
        wipe({reinterpret_cast<std::uint8_t*>(at), count * sizeof(T)});
        std::allocator<T>{}.deallocate(at, count);
    }
    friend bool operator==(WipingAllocator, WipingAllocator) { return true; }
};

/// Secret octets. Moves, never copies by accident, is never printed or compared byte by byte:
/// `equal` takes the same time wherever the first difference is.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::size_t size) : bytes_(size) {}
    explicit Secret(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}

    Secret(Secret&&) = default;
    Secret& operator=(Secret&&) = default;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    /// A second owner of the same octets, asked for by name.
    Secret clone() const { return Secret(view()); }

    ByteView view() const { return {bytes_.data(), bytes_.size()}; }
    MutableByteView writable() { return {bytes_.data(), bytes_.size()}; }
    std::size_t size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }

    /// Constant-time for equal sizes.
    static bool equal(ByteView a, ByteView b);

  private:
    std::vector<std::uint8_t, WipingAllocator<std::uint8_t>> bytes_;
};

}  // namespace xfrmd
