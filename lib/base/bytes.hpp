// Octet strings: owned, viewed, read and written in network order.
//
// Everything that comes from outside the process is read through `ByteReader`, which never looks
// past its view; everything we send is written through `ByteWriter`. Both use big-endian order,
// the order of every IKEv2 field (RFC 7296 section 3.1).
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace xfrmd {

using Bytes = std::vector<std::uint8_t>;
/// A view of octets owned by somebody else; the owner is named where one is stored.
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;

/// The octets of a text, without a terminator.
inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Octets seen as text, whatever they hold.
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView view) {
    return {view.begin(), view.end()};
}

inline bool equal_bytes(ByteView a, ByteView b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Reads a big-endian unsigned integer from the first sizeof(T) octets of `at`.
template <std::unsigned_integral T>
constexpr T load_big_endian(const std::uint8_t* at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>((value << 8) | at[i]);
    return value;
}

template <std::unsigned_integral T>
constexpr void store_big_endian(T value, std::uint8_t* at) {
    for (std::size_t i = sizeof(T); i-- > 0; value = static_cast<T>(value >> 8))
        at[i] = static_cast<std::uint8_t>(value);
}

/// The fixed part of a structure: N octets whose fields are read at offsets checked when compiled.
template <std::size_t N>
class FixedPart {
  public:
    explicit constexpr FixedPart(std::span<const std::uint8_t, N> bytes) : bytes_(bytes) {}

    template <std::size_t Offset>
    constexpr std::uint8_t u8() const {
        return field<std::uint8_t, Offset>();
    }
    template <std::size_t Offset>
    constexpr std::uint16_t u16() const {
        return field<std::uint16_t, Offset>();
    }
    template <std::size_t Offset>
    constexpr std::uint32_t u32() const {
        return field<std::uint32_t, Offset>();
    }
    template <std::size_t Offset>
    constexpr std::uint64_t u64() const {
        return field<std::uint64_t, Offset>();
    }

  private:
    template <std::unsigned_integral T, std::size_t Offset>
    constexpr T field() const {
        static_assert(Offset + sizeof(T) <= N, "field lies outside of the fixed part");
        return load_big_endian<T>(bytes_.data() + Offset);
    }

    std::span<const std::uint8_t, N> bytes_;
};

/// Walks a view from front to back. A read that does not fit returns nothing and consumes nothing.
class ByteReader {
  public:
    explicit ByteReader(ByteView bytes) : rest_(bytes) {}

    std::size_t remaining() const { return rest_.size(); }
    bool empty() const { return rest_.empty(); }
    ByteView rest() const { return rest_; }

    template <std::size_t N>
    std::optional<FixedPart<N>> fixed() {
        if (rest_.size() < N) return std::nullopt;
        FixedPart<N> part(rest_.first<N>());
        rest_ = rest_.subspan(N);
        return part;
    }

    std::optional<ByteView> bytes(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        ByteView taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

  private:
    ByteView rest_;
};

/// Appends big-endian fields to a buffer owned by the caller.
class ByteWriter {
  public:
    explicit ByteWriter(Bytes& out) : out_(out) {}

    std::size_t position() const { return out_.size(); }

    void u8(std::uint8_t value) { out_.push_back(value); }
    void u16(std::uint16_t value) { append_integer(value); }
    void u32(std::uint32_t value) { append_integer(value); }
    void u64(std::uint64_t value) { append_integer(value); }
    void bytes(ByteView view) { out_.insert(out_.end(), view.begin(), view.end()); }
    void zeros(std::size_t count) { out_.insert(out_.end(), count, 0); }

    /// Overwrites a field written before, such as a length known only now.
    void patch_u8(std::size_t at, std::uint8_t value) { out_[at] = value; }
    void patch_u16(std::size_t at, std::uint16_t value) { store_big_endian(value, &out_[at]); }
    void patch_u32(std::size_t at, std::uint32_t value) { store_big_endian(value, &out_[at]); }

  private:
    template <std::unsigned_integral T>
    void append_integer(T value) {
        std::array<std::uint8_t, sizeof(T)> field;
        store_big_endian(value, field.data());
        bytes(field);
    }

    Bytes& out_;
};

}  // namespace xfrmd
