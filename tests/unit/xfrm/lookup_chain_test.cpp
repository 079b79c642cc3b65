#include "xfrm/lookup_chain.hpp"

#include <bit>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;

namespace {

struct Sample {
    std::uint32_t reqid;
    const char* one;
    const char* other;
    std::uint32_t chain;
};

IpAddress ip(const char* text) {
    return *IpAddress::from_text(text);
}

/// Computed by the kernel's own functions on a machine with the lowest octet first
/// (__xfrm_dst_hash() of Linux 6.12, mask 7).
const Sample samples[] = {
    {0x58000002, "192.0.2.1", "192.0.2.2", 2},
    {0x58000002, "198.18.0.1", "192.0.2.2", 0},
    {0x58000002, "198.18.0.2", "192.0.2.2", 7},
    {0x58000002, "203.0.113.255", "198.51.100.254", 1},
    {0x58000002, "127.0.0.1", "127.0.0.1", 2},
    {0x58000002, "255.255.255.254", "10.0.0.255", 6},
    {0x58000002, "10.1.128.1", "10.0.128.7", 0},
    {0x58000002, "2001:db8::1", "2001:db8::2", 3},
    {0x58000002, "2001:db8:1::1", "2001:db8:2::1", 7},
    {0x58000002, "fe80::1", "fe80::2", 1},
    {0x58000002, "2001:db8::1", "2001:db8::3", 4},
    {0x58000002, "::1", "::1", 0},
    {0x58010002, "192.0.2.1", "192.0.2.2", 3},
    {0x58010002, "198.18.0.1", "192.0.2.2", 1},
    {0x58010002, "198.18.0.2", "192.0.2.2", 6},
    {0x58010002, "203.0.113.255", "198.51.100.254", 0},
    {0x58010002, "127.0.0.1", "127.0.0.1", 3},
    {0x58010002, "255.255.255.254", "10.0.0.255", 7},
    {0x58010002, "10.1.128.1", "10.0.128.7", 1},
    {0x58010002, "2001:db8::1", "2001:db8::2", 2},
    {0x58010002, "2001:db8:1::1", "2001:db8:2::1", 6},
    {0x58010002, "fe80::1", "fe80::2", 0},
    {0x58010002, "2001:db8::1", "2001:db8::3", 5},
    {0x58010002, "::1", "::1", 1},
    {0x58fffffe, "192.0.2.1", "192.0.2.2", 1},
    {0x58fffffe, "198.18.0.1", "192.0.2.2", 3},
    {0x58fffffe, "198.18.0.2", "192.0.2.2", 4},
    {0x58fffffe, "203.0.113.255", "198.51.100.254", 2},
    {0x58fffffe, "127.0.0.1", "127.0.0.1", 1},
    {0x58fffffe, "255.255.255.254", "10.0.0.255", 5},
    {0x58fffffe, "10.1.128.1", "10.0.128.7", 3},
    {0x58fffffe, "2001:db8::1", "2001:db8::2", 0},
    {0x58fffffe, "2001:db8:1::1", "2001:db8:2::1", 4},
    {0x58fffffe, "fe80::1", "fe80::2", 2},
    {0x58fffffe, "2001:db8::1", "2001:db8::3", 7},
    {0x58fffffe, "::1", "::1", 3},
};

}  // namespace

TEST_CASE("lookup chain: where the kernel looks, in either direction") {
    for (const Sample& sample : samples) {
        INFO(sample.one << " and " << sample.other);
        if constexpr (std::endian::native == std::endian::little)
            CHECK(lookup_chain(Reqid(sample.reqid), ip(sample.one), ip(sample.other)) ==
                  sample.chain);
        CHECK(lookup_chain(Reqid(sample.reqid), ip(sample.other), ip(sample.one)) ==
              lookup_chain(Reqid(sample.reqid), ip(sample.one), ip(sample.other)));
    }
}

TEST_CASE("lookup chain: packet mode has the odd chains to itself, whatever the addresses") {
    for (const Sample& sample : samples) {
        INFO(sample.one << " and " << sample.other);
        const Reqid base(sample.reqid);
        for (const OffloadMode mode :
             {OffloadMode::none, OffloadMode::crypto, OffloadMode::packet}) {
            const Reqid reqid = reqid_for(base, mode, ip(sample.one), ip(sample.other));
            CHECK(base_reqid(reqid) == base);
            CHECK((lookup_chain(reqid, ip(sample.one), ip(sample.other)) & 1) ==
                  (mode == OffloadMode::packet ? 1 : 0));
        }
    }
}

TEST_CASE("lookup chain: pairs of reqids are ours, and come back") {
    for (const std::uint32_t pair : {0U, 1U, 0x1234U, last_reqid_pair}) {
        const Reqid reqid = reqid_of_pair(pair);
        CHECK(is_own(reqid));
        CHECK(base_reqid(reqid) == reqid);
        CHECK(pair_of_reqid(reqid) == pair);
        CHECK(is_own(Reqid(reqid.value() | 1)));
    }
}
