// Builds netlink messages: a header, a fixed structure, attributes, each padded to four octets.
#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "xfrm/uapi.hpp"

namespace xfrmd::xfrm {

/// A message buffer: every octet it ever held is wiped before its memory goes back, also when it
/// grows or moves, because an SA's message holds keys.
using WipedBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

/// What tells one message from another. The answers bear the same sequence and port id.
struct MessageTag {
    std::uint32_t sequence = 0;
    std::uint32_t port_id = 0;  ///< of our socket: events then carry it too
};

/// Writes one message into a buffer owned by the caller, behind whatever is there.
/// Host order, as netlink's is. `finish()` once at the end sets the length.
class NetlinkWriter {
  public:
    NetlinkWriter(WipedBytes& out, std::uint16_t type, std::uint16_t flags, MessageTag tag);

    /// The structure that follows the header.
    template <uapi::Layout T>
    void fixed(const T& value) {
        append(octets_of(value));
        pad();
    }

    template <uapi::Layout T>
    void attribute(std::uint16_t type, const T& value) {
        attribute(type, octets_of(value));
    }
    void attribute(std::uint16_t type, ByteView value);
    /// A structure and what follows it in the same attribute, such as an algorithm and its key.
    template <uapi::Layout T>
    void attribute(std::uint16_t type, const T& value, ByteView tail) {
        const std::size_t start = begin_attribute(type);
        append(octets_of(value));
        append(tail);
        end_attribute(start);
    }
    /// With the terminating zero that the kernel expects.
    void text_attribute(std::uint16_t type, std::string_view text);

    /// Attributes written until `end_nested` lie inside of this one.
    [[nodiscard]] std::size_t begin_nested(std::uint16_t type);
    void end_nested(std::size_t start) { end_attribute(start); }

    void finish();

  private:
    template <class T>
    static ByteView octets_of(const T& value) {
        return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(T)};
    }
    void append(ByteView octets) { out_.insert(out_.end(), octets.begin(), octets.end()); }
    void pad();
    std::size_t begin_attribute(std::uint16_t type);
    void end_attribute(std::size_t start);

    WipedBytes& out_;
    std::size_t start_;
};

}  // namespace xfrmd::xfrm
