#include "ike/half_open.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

IpAddress of(const char* text) {
    return *IpAddress::from_text(text);
}

}  // namespace

TEST_CASE("half-open calls: an IPv4 address is one caller") {
    HalfOpenCalls calls;
    calls.add(of("192.0.2.1"));
    calls.add(of("192.0.2.1"));
    calls.add(of("192.0.2.2"));
    CHECK(calls.of(of("192.0.2.1")) == 2);
    CHECK(calls.of(of("192.0.2.2")) == 1);
    CHECK(calls.of(of("192.0.2.3")) == 0);
    CHECK(calls.total() == 3);
}

TEST_CASE("half-open calls: an IPv6 /64 is one caller") {
    HalfOpenCalls calls;
    calls.add(of("2001:db8::1"));
    calls.add(of("2001:db8::ffff:1"));
    calls.add(of("2001:db8:0:1::1"));
    CHECK(calls.of(of("2001:db8::2")) == 2);
    CHECK(calls.of(of("2001:db8:0:1::2")) == 1);
}

TEST_CASE("half-open calls: what ended is not counted, and what never began cannot end") {
    HalfOpenCalls calls;
    calls.add(of("192.0.2.1"));
    calls.remove(of("192.0.2.2"));
    CHECK(calls.total() == 1);
    calls.remove(of("192.0.2.1"));
    calls.remove(of("192.0.2.1"));
    CHECK(calls.total() == 0);
    CHECK(calls.of(of("192.0.2.1")) == 0);
}

TEST_CASE("C11 half-open calls: one that failed is counted until its time is over") {
    const Instant start{std::chrono::hours(1)};
    HalfOpenCalls calls;
    for (int i = 0; i < 3; ++i)
        calls.add(of("192.0.2.1"));
    calls.remove_later(of("192.0.2.1"), start + std::chrono::seconds(30));
    calls.remove_later(of("192.0.2.1"), start + std::chrono::seconds(20));
    calls.expire(start + std::chrono::seconds(19));
    CHECK(calls.of(of("192.0.2.1")) == 3);
    calls.expire(start + std::chrono::seconds(20));
    CHECK(calls.of(of("192.0.2.1")) == 2);
    calls.expire(start + std::chrono::seconds(40));
    CHECK(calls.of(of("192.0.2.1")) == 1);
    CHECK(calls.total() == 1);
}

TEST_CASE("C11 half-open calls: the /64s of an IPv6 /48 are counted together as well") {
    HalfOpenCalls calls;
    calls.add(of("2001:db8:1:1::1"));
    calls.add(of("2001:db8:1:2::1"));
    calls.add(of("2001:db8:2:1::1"));
    calls.add(of("192.0.2.1"));
    CHECK(calls.of_site(of("2001:db8:1:3::1")) == 2);
    calls.remove(of("2001:db8:1:2::1"));
    CHECK(calls.of_site(of("2001:db8:1:3::1")) == 1);
    CHECK(calls.of_site(of("192.0.2.1")) == 0);
}
