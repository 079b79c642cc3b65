// Reads netlink messages and attributes without ever looking past the buffer.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "xfrm/uapi.hpp"

namespace xfrmd::xfrm {

/// Copies a structure from the front of `octets`; longer input is fine, shorter yields nothing.
template <uapi::Layout T>
std::optional<T> read_layout(ByteView octets) {
    if (octets.size() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, octets.data(), sizeof(T));
    return value;
}

/// One message of a buffer; `payload` is a view into the buffer.
struct NetlinkMessage {
    uapi::MessageHeader header;
    ByteView payload;
};

/// Walks the messages of a received buffer, whose owner must outlive the walk. A length that does
/// not fit ends the walk and is remembered.
class NetlinkReader {
  public:
    explicit NetlinkReader(ByteView buffer) : rest_(buffer) {}

    std::optional<NetlinkMessage> next();
    /// The buffer ended in the middle of a message.
    bool malformed() const { return malformed_; }

  private:
    ByteView rest_;
    bool malformed_ = false;
};

/// The attributes behind a message's structure, looked up by number. Reading stops at the first
/// attribute whose length does not fit.
class Attributes {
  public:
    explicit Attributes(ByteView octets) : octets_(octets) {}

    /// The contents of the first attribute of this number.
    std::optional<ByteView> find(std::uint16_t type) const;

    template <uapi::Layout T>
    std::optional<T> get(std::uint16_t type) const {
        const auto octets = find(type);
        return octets ? read_layout<T>(*octets) : std::nullopt;
    }

  private:
    ByteView octets_;
};

/// A message's structure and what follows it.
template <uapi::Layout T>
struct Body {
    T fixed;
    Attributes attributes;
};

template <uapi::Layout T>
std::optional<Body<T>> read_body(ByteView payload) {
    const auto fixed = read_layout<T>(payload);
    if (!fixed) return std::nullopt;
    constexpr std::size_t aligned = (sizeof(T) + uapi::netlink_alignment - 1) /
                                    uapi::netlink_alignment * uapi::netlink_alignment;
    const ByteView rest = payload.size() > aligned ? payload.subspan(aligned) : ByteView{};
    return Body<T>{*fixed, Attributes(rest)};
}

}  // namespace xfrmd::xfrm
