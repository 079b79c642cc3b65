#include "ike/exchanges/collision.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

// "the lowest of the four nonces", compared octet by octet (RFC 7296 section 2.8.1).
TEST_CASE("collision: the exchange that holds the lowest nonce loses") {
    const Bytes a{0x01, 0xff}, b{0x02, 0x00}, c{0x02, 0x01}, d{0xff};
    CHECK(loses(a, d, lowest_nonce(b, c)));
    CHECK(loses(d, a, lowest_nonce(b, c)));
    CHECK_FALSE(loses(b, c, lowest_nonce(a, d)));
    CHECK_FALSE(loses(c, b, lowest_nonce(d, a)));
}

TEST_CASE("collision: of two nonces that begin alike the shorter one is lower") {
    const Bytes shorter{0x10, 0x20}, longer{0x10, 0x20, 0x00};
    CHECK(is_lower_nonce(shorter, longer));
    CHECK_FALSE(is_lower_nonce(longer, shorter));
    CHECK_FALSE(is_lower_nonce(shorter, shorter));
}
