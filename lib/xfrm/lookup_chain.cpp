#include "xfrm/lookup_chain.hpp"

#include <arpa/inet.h>

#include <array>
#include <bit>
#include <cstring>

#include "xfrm/layout.hpp"

namespace xfrmd::xfrm {
namespace {

using Words = std::array<std::uint32_t, 4>;

/// An address as the kernel has it in memory; an IPv4 one is the first word.
Words words_of(const IpAddress& address) {
    Words words{};
    std::memcpy(words.data(), address.bytes().data(), address.bytes().size());
    return words;
}

/// Four words by Bob Jenkins's lookup3, as jhash2() in include/linux/jhash.h takes them.
std::uint32_t jhash(const Words& words) {
    using std::rotl;
    static constexpr std::uint32_t start = 0xdeadbeef + sizeof(Words);
    std::uint32_t a = start + words[0], b = start + words[1], c = start + words[2];
    // __jhash_mix
    a = (a - c) ^ rotl(c, 4), c += b;
    b = (b - a) ^ rotl(a, 6), a += c;
    c = (c - b) ^ rotl(b, 8), b += a;
    a = (a - c) ^ rotl(c, 16), c += b;
    b = (b - a) ^ rotl(a, 19), a += c;
    c = (c - b) ^ rotl(b, 4), b += a;
    a += words[3];
    // __jhash_final
    c = (c ^ b) - rotl(b, 14);
    a = (a ^ c) - rotl(c, 11);
    b = (b ^ a) - rotl(a, 25);
    c = (c ^ b) - rotl(b, 16);
    a = (a ^ c) - rotl(c, 4);
    b = (b ^ a) - rotl(a, 14);
    c = (c ^ b) - rotl(b, 24);
    return c;
}

}  // namespace

std::uint32_t lookup_chain(Reqid reqid, const IpAddress& one, const IpAddress& other) {
    static constexpr std::uint32_t smallest_mask = 7;
    const Words a = words_of(one), b = words_of(other);
    const bool v4 = one.family() == IpFamily::v4;
    // IPv4: the sum is one of words in network order, with its carries where they are then.
    const std::uint32_t addresses = v4 ? ntohl(a[0] + b[0]) : jhash(a) ^ jhash(b);
    const std::uint32_t hash = to_kernel(one.family()) ^ reqid.value() ^ addresses;
    return (hash ^ (hash >> 16)) & smallest_mask;
}

Reqid reqid_for(Reqid base, OffloadMode mode, const IpAddress& one, const IpAddress& other) {
    const Reqid even = base_reqid(base);
    const bool is_odd_chain = (lookup_chain(even, one, other) & 1) != 0;
    const bool wants_odd_chain = mode == OffloadMode::packet;
    return Reqid(even.value() | (is_odd_chain != wants_odd_chain ? 1U : 0U));
}

}  // namespace xfrmd::xfrm
