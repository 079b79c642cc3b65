// Numbers that must not be mistaken for each other: an SPI is not a reqid.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace xfrmd {

/// A number with a meaning of its own. Explicit to make, explicit to read.
template <class Tag, class T>
class Strong {
  public:
    constexpr Strong() = default;
    constexpr explicit Strong(T value) : value_(value) {}

    constexpr T value() const { return value_; }
    friend constexpr auto operator<=>(Strong, Strong) = default;

  private:
    T value_{};
};

/// An IKE SA's SPI, one from each end (RFC 7296 section 2.6); 0 means "not known yet".
using IkeSpi = Strong<struct IkeSpiTag, std::uint64_t>;
/// An ESP SPI (RFC 4303 section 2.1), in host order.
using EspSpi = Strong<struct EspSpiTag, std::uint32_t>;
/// The Message ID of an IKE message (RFC 7296 section 2.2).
using MessageId = Strong<struct MessageIdTag, std::uint32_t>;
/// The kernel's name for "SAs that serve this policy"; ours lie in a range of our own.
using Reqid = Strong<struct ReqidTag, std::uint32_t>;
/// Binds SAs and policies to one XFRM interface; 0 means none.
using IfId = Strong<struct IfIdTag, std::uint32_t>;
/// A policy's index in the kernel; its low three bits are the direction.
using PolicyIndex = Strong<struct PolicyIndexTag, std::uint32_t>;
/// Pairs a request that leaves the engine with the reply that comes back.
using Ticket = Strong<struct TicketTag, std::uint64_t>;

}  // namespace xfrmd

template <class Tag, class T>
struct std::hash<xfrmd::Strong<Tag, T>> {
    std::size_t operator()(xfrmd::Strong<Tag, T> strong) const noexcept {
        return std::hash<T>{}(strong.value());
    }
};
