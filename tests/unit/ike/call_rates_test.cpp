#include "ike/call_rates.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using std::chrono::seconds;

namespace {

const Instant start{std::chrono::hours(1)};

IpAddress numbered(std::uint32_t n) {
    Bytes octets(4);
    store_big_endian(0x0a000000U + n, octets.data());
    return *IpAddress::from_bytes(octets);
}

}  // namespace

TEST_CASE("C11 call rates: so many at once, then one in each interval, for each address") {
    CallRates rates;
    for (std::uint32_t i = 0; i < 50; ++i)
        CHECK(rates.try_take(numbered(1), 50, start));
    CHECK_FALSE(rates.try_take(numbered(1), 50, start));
    CHECK(rates.try_take(numbered(2), 50, start));
    CHECK(rates.try_take(numbered(1), 50, start + CallRates::interval));
    CHECK_FALSE(rates.try_take(numbered(1), 50, start + CallRates::interval));
}

TEST_CASE("C11 call rates: a small limit leaves room for a peer that has to call again") {
    CallRates rates;
    for (std::uint32_t i = 0; i < CallRates::least_burst; ++i)
        CHECK(rates.try_take(numbered(1), 1, start));
    CHECK_FALSE(rates.try_take(numbered(1), 1, start));
}

TEST_CASE("C11 call rates: the addresses of one IPv6 /64 have one rate") {
    CallRates rates;
    for (std::uint32_t i = 0; i < 16; ++i)
        CHECK(rates.try_take(*IpAddress::from_text("2001:db8::1"), 16, start));
    CHECK_FALSE(rates.try_take(*IpAddress::from_text("2001:db8::2"), 16, start));
    CHECK(rates.try_take(*IpAddress::from_text("2001:db8:0:1::1"), 16, start));
}

TEST_CASE("C11 call rates: the table is bounded, and forgets who is idle") {
    CallRates rates;
    for (std::uint32_t i = 0; i < 3 * CallRates::most; ++i)
        CHECK(rates.try_take(numbered(i), 16, start));
    CHECK(rates.size() == CallRates::most);
    CHECK(rates.try_take(numbered(1'000'000), 16, start + seconds(2)));
    CHECK(rates.size() == 1);
}
