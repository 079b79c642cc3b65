#include "ike/half_open.hpp"

#include <algorithm>
#include <array>

namespace xfrmd::ike {
namespace {

/// The address itself, or the first one of its /64.
IpAddress prefix_of(const IpAddress& address) {
    if (address.family() == IpFamily::v4) return address;
    std::array<std::uint8_t, 16> octets{};
    std::ranges::copy(address.bytes().first(8), octets.begin());
    return IpAddress::from_bytes(octets).value_or(address);
}

}  // namespace

void HalfOpenCalls::add(const IpAddress& caller) {
    ++by_prefix_[prefix_of(caller)];
    ++total_;
}

void HalfOpenCalls::remove(const IpAddress& caller) {
    const auto found = by_prefix_.find(prefix_of(caller));
    if (found == by_prefix_.end()) return;
    --total_;
    if (--found->second == 0) by_prefix_.erase(found);
}

std::size_t HalfOpenCalls::of(const IpAddress& caller) const {
    const auto found = by_prefix_.find(prefix_of(caller));
    return found == by_prefix_.end() ? 0 : found->second;
}

}  // namespace xfrmd::ike
