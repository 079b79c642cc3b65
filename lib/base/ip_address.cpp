#include "base/ip_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace xfrmd {
namespace {

/// Zero bits at the end of the address.
std::uint8_t trailing_zero_bits(const IpAddress& address) {
    std::uint8_t count = 0;
    ByteView octets = address.bytes();
    for (std::size_t i = octets.size(); i-- > 0;) {
        if (octets[i] != 0) return static_cast<std::uint8_t>(count + std::countr_zero(octets[i]));
        count = static_cast<std::uint8_t>(count + 8);
    }
    return count;
}

/// The last address of the block of `prefix_length` that starts at `first`.
IpAddress last_of_block(const IpAddress& first, std::uint8_t prefix_length) {
    Bytes octets = to_bytes(first.bytes());
    for (std::size_t bit = prefix_length; bit < octets.size() * 8; ++bit)
        octets[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
    return *IpAddress::from_bytes(octets);
}

}  // namespace

IpAddress IpAddress::any(IpFamily family) {
    IpAddress address;
    address.family_ = family;
    return address;
}

IpAddress IpAddress::highest(IpFamily family) {
    return last_of_block(any(family), 0);
}

std::optional<IpAddress> IpAddress::from_bytes(ByteView bytes) {
    if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
    IpAddress address = any(bytes.size() == 4 ? IpFamily::v4 : IpFamily::v6);
    std::ranges::copy(bytes, address.octets_.begin());
    return address;
}

std::optional<IpAddress> IpAddress::from_text(std::string_view text) {
    const std::string terminated(text);
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    const bool is_v6 = text.find(':') != std::string_view::npos;
    IpAddress address = any(is_v6 ? IpFamily::v6 : IpFamily::v4);
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, terminated.c_str(), address.octets_.data()) != 1)
        return std::nullopt;
    return address;
}

bool IpAddress::is_any() const {
    return std::ranges::all_of(octets_, [](std::uint8_t octet) { return octet == 0; });
}

std::string IpAddress::to_text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(family_ == IpFamily::v6 ? AF_INET6 : AF_INET, octets_.data(), text.data(),
              text.size());
    return text.data();
}

IpAddress IpAddress::next() const {
    IpAddress address = *this;
    for (std::size_t i = bytes().size(); i-- > 0;)
        if (++address.octets_[i] != 0) break;
    return address;
}

IpAddress IpAddress::previous() const {
    IpAddress address = *this;
    for (std::size_t i = bytes().size(); i-- > 0;)
        if (address.octets_[i]-- != 0) break;
    return address;
}

std::string Endpoint::to_text() const {
    return address.family() == IpFamily::v6 ? fmt::format("[{}]:{}", address.to_text(), port)
                                            : fmt::format("{}:{}", address.to_text(), port);
}

bool IpRange::contains(const IpAddress& address) const {
    return address.family() == family() && first <= address && address <= last;
}

bool IpRange::contains(const IpRange& other) const {
    return contains(other.first) && contains(other.last);
}

std::optional<IpRange> IpRange::intersection(const IpRange& other) const {
    if (family() != other.family()) return std::nullopt;
    IpRange common{std::max(first, other.first), std::min(last, other.last)};
    if (common.last < common.first) return std::nullopt;
    return common;
}

std::vector<Subnet> IpRange::to_subnets() const {
    std::vector<Subnet> subnets;
    const std::uint8_t bits = address_bits(family());
    for (IpAddress start = first; start <= last;) {
        auto prefix = static_cast<std::uint8_t>(bits - trailing_zero_bits(start));
        while (last_of_block(start, prefix) > last)
            ++prefix;
        subnets.push_back({start, prefix});
        const IpAddress end = last_of_block(start, prefix);
        if (end == last) break;
        start = end.next();
    }
    return subnets;
}

std::string IpRange::to_text() const {
    const std::uint8_t bits = address_bits(family());
    for (auto prefix = static_cast<std::uint8_t>(bits - trailing_zero_bits(first)); prefix <= bits;
         ++prefix) {
        if (last_of_block(first, prefix) == last) return Subnet{first, prefix}.to_text();
    }
    return first.to_text() + "-" + last.to_text();
}

std::optional<Subnet> Subnet::from_text(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = IpAddress::from_text(text.substr(0, slash));
    if (!address) return std::nullopt;
    Subnet subnet{*address, address_bits(address->family())};
    if (slash == std::string_view::npos) return subnet;

    const std::string_view digits = text.substr(slash + 1);
    unsigned prefix = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (prefix > subnet.prefix_length) return std::nullopt;
    if (subnet.prefix_length - prefix > trailing_zero_bits(*address)) return std::nullopt;
    subnet.prefix_length = static_cast<std::uint8_t>(prefix);
    return subnet;
}

IpRange Subnet::range() const {
    return {address, last_of_block(address, prefix_length)};
}

std::string Subnet::to_text() const {
    return fmt::format("{}/{}", address.to_text(), prefix_length);
}

}  // namespace xfrmd
