#include "ike/cookie.hpp"

#include <set>

#include "support/catch.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using std::chrono::seconds;

namespace {

struct Fixture {
    crypto::Library library;
    test::SeededRandom random{1};
    Cookies cookies{library, random};
    Instant now{std::chrono::hours(1)};
    Bytes nonce = Bytes(32, 7);
    Caller caller{{*IpAddress::from_text("192.0.2.2"), 500},
                  {*IpAddress::from_text("192.0.2.1"), 500},
                  IkeSpi(42),
                  nonce};
};

}  // namespace

TEST_CASE("C10 cookie: what was given comes back right, from nobody else") {
    Fixture f;
    const auto cookie = f.cookies.make(f.caller, f.now);
    CHECK(f.cookies.is_right(cookie, f.caller, f.now));
    CHECK(f.cookies.make(f.caller, f.now) == cookie);  // nothing was kept, nothing is used up

    Caller other = f.caller;
    other.remote.address = *IpAddress::from_text("192.0.2.3");
    CHECK_FALSE(f.cookies.is_right(cookie, other, f.now));
    other = f.caller;
    other.remote.port = 501;
    CHECK_FALSE(f.cookies.is_right(cookie, other, f.now));
    other = f.caller;
    other.own.address = *IpAddress::from_text("192.0.2.9");
    CHECK_FALSE(f.cookies.is_right(cookie, other, f.now));
    other = f.caller;
    other.spi_i = IkeSpi(43);
    CHECK_FALSE(f.cookies.is_right(cookie, other, f.now));
    other = f.caller;
    const Bytes other_nonce(32, 8);
    other.nonce = other_nonce;
    CHECK_FALSE(f.cookies.is_right(cookie, other, f.now));
}

TEST_CASE("C10 cookie: any other octet or size is wrong") {
    Fixture f;
    const auto cookie = f.cookies.make(f.caller, f.now);
    for (std::size_t i = 0; i < cookie.size(); ++i) {
        auto bad = cookie;
        bad[i] ^= 1;
        INFO(i);
        CHECK_FALSE(f.cookies.is_right(bad, f.caller, f.now));
    }
    for (std::size_t size = 0; size < cookie.size(); ++size)
        CHECK_FALSE(f.cookies.is_right(ByteView(cookie).first(size), f.caller, f.now));
    Bytes longer = to_bytes(cookie);
    longer.resize(64);
    CHECK_FALSE(f.cookies.is_right(longer, f.caller, f.now));
}

TEST_CASE("C10 cookie: good for one lifetime of a secret at least, for two at most") {
    Fixture f;
    f.cookies.make(f.caller, f.now);  // the secret is born
    const Instant late = f.now + Cookies::secret_lifetime - seconds(1);
    const auto cookie = f.cookies.make(f.caller, late);
    CHECK(f.cookies.is_right(cookie, f.caller, late + Cookies::secret_lifetime));
    CHECK_FALSE(f.cookies.is_right(cookie, f.caller, f.now + 2 * Cookies::secret_lifetime));
}

TEST_CASE("C10 cookie: a secret that nobody asked for in a long time is no secret any more") {
    Fixture f;
    const auto cookie = f.cookies.make(f.caller, f.now);
    CHECK_FALSE(f.cookies.is_right(cookie, f.caller, f.now + 3 * Cookies::secret_lifetime));
}

TEST_CASE("C10 cookie: secrets differ, and so do their numbers") {
    Fixture f;
    std::set<Cookies::Cookie> seen;
    for (int i = 0; i < 300; ++i)
        seen.insert(f.cookies.make(f.caller, f.now + i * Cookies::secret_lifetime));
    CHECK(seen.size() == 300);
}

TEST_CASE("C10 cookie: before any was made, none is right") {
    Fixture f;
    CHECK_FALSE(f.cookies.is_right(Bytes(Cookies::size, 0), f.caller, f.now));
}
