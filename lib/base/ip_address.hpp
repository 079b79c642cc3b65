// IP addresses, ranges, subnets and endpoints as plain comparable values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace xfrmd {

enum class IpFamily : std::uint8_t { v4 = 4, v6 = 6 };

/// An IPv4 or IPv6 address. Shape: 4 or 16 octets in network order. Ordered by family, then value.
class IpAddress {
  public:
    /// 0.0.0.0
    constexpr IpAddress() = default;

    static IpAddress any(IpFamily family);
    static IpAddress highest(IpFamily family);
    /// 4 or 16 octets; any other length yields nothing.
    static std::optional<IpAddress> from_bytes(ByteView bytes);
    /// "192.0.2.1", "2001:db8::1"; no zone, no brackets, no names.
    static std::optional<IpAddress> from_text(std::string_view text);

    IpFamily family() const { return family_; }
    ByteView bytes() const { return {octets_.data(), family_ == IpFamily::v4 ? 4U : 16U}; }
    bool is_any() const;
    std::string to_text() const;

    /// The address after or before this one; wraps at the ends of the family.
    IpAddress next() const;
    IpAddress previous() const;

    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

  private:
    IpFamily family_ = IpFamily::v4;
    std::array<std::uint8_t, 16> octets_{};
};

/// An address and a UDP port. Text form: "192.0.2.1:500", "[2001:db8::1]:500".
struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;

    std::string to_text() const;
    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

struct Subnet;

/// All addresses from first to last, both included, of one family.
struct IpRange {
    IpAddress first;
    IpAddress last;

    IpFamily family() const { return first.family(); }
    bool contains(const IpAddress& address) const;
    bool contains(const IpRange& other) const;
    std::optional<IpRange> intersection(const IpRange& other) const;
    /// The fewest subnets that cover exactly this range, in ascending order
    /// (at most 2 x bits - 2: 62 for IPv4, 254 for IPv6).
    std::vector<Subnet> to_subnets() const;
    /// "10.1.0.0/24" where it is one subnet, else "10.1.0.1-10.1.0.9".
    std::string to_text() const;

    friend auto operator<=>(const IpRange&, const IpRange&) = default;
};

/// An address block; the bits of `address` behind `prefix_length` are zero.
struct Subnet {
    IpAddress address;
    std::uint8_t prefix_length = 0;

    /// "10.1.0.0/24", or an address alone (/32, /128). Host bits are an error: they are
    /// more often a typing slip than a wish.
    static std::optional<Subnet> from_text(std::string_view text);
    static Subnet any(IpFamily family) { return {IpAddress::any(family), 0}; }

    IpRange range() const;
    std::string to_text() const;
    friend auto operator<=>(const Subnet&, const Subnet&) = default;
};

/// Bits of an address: 32 or 128.
constexpr std::uint8_t address_bits(IpFamily family) {
    return family == IpFamily::v4 ? 32 : 128;
}

}  // namespace xfrmd
