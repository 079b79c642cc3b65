#include "ike/half_open.hpp"

#include <algorithm>
#include <array>

namespace xfrmd::ike {
namespace {

/// The first address that has these leading octets of an IPv6 address.
IpAddress first_with(const IpAddress& address, std::size_t leading) {
    std::array<std::uint8_t, 16> octets{};
    std::ranges::copy(address.bytes().first(leading), octets.begin());
    return IpAddress::from_bytes(octets).value_or(address);
}

IpAddress site_of(const IpAddress& address) {
    return first_with(address, 48 / 8);
}

bool is_v6(const IpAddress& address) {
    return address.family() == IpFamily::v6;
}

bool take_one(std::map<IpAddress, std::size_t>& counts, const IpAddress& key) {
    const auto found = counts.find(key);
    if (found == counts.end()) return false;
    if (--found->second == 0) counts.erase(found);
    return true;
}

std::size_t count_of(const std::map<IpAddress, std::size_t>& counts, const IpAddress& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
}

}  // namespace

IpAddress caller_prefix(const IpAddress& address) {
    return is_v6(address) ? first_with(address, 64 / 8) : address;
}

void HalfOpenCalls::add(const IpAddress& caller) {
    ++by_prefix_[caller_prefix(caller)];
    if (is_v6(caller)) ++by_site_[site_of(caller)];
    ++total_;
}

void HalfOpenCalls::remove(const IpAddress& caller) {
    if (!take_one(by_prefix_, caller_prefix(caller))) return;
    if (is_v6(caller)) take_one(by_site_, site_of(caller));
    --total_;
}

void HalfOpenCalls::remove_later(const IpAddress& caller, Instant at) {
    failed_.emplace(at, caller);
}

void HalfOpenCalls::expire(Instant now) {
    while (!failed_.empty() && failed_.begin()->first <= now) {
        remove(failed_.begin()->second);
        failed_.erase(failed_.begin());
    }
}

std::size_t HalfOpenCalls::of(const IpAddress& caller) const {
    return count_of(by_prefix_, caller_prefix(caller));
}

std::size_t HalfOpenCalls::of_site(const IpAddress& caller) const {
    return is_v6(caller) ? count_of(by_site_, site_of(caller)) : 0;
}

}  // namespace xfrmd::ike
