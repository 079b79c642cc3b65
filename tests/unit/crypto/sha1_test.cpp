#include "crypto/sha1.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using namespace xfrmd::test;

// FIPS 180-2, appendix A.
TEST_CASE("sha1: NIST's examples") {
    const Library library;
    const auto of = [&](std::initializer_list<ByteView> data) {
        return to_bytes(sha1(library, data).value());
    };
    CHECK(of({as_bytes("abc")}) == "a9993e364706816aba3e25717850c26c9cd0d89d"_hex);
    CHECK(of({as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")}) ==
          "84983e441c3bd26ebaae4aa1f95129e5e54670f1"_hex);
    CHECK(of({}) == "da39a3ee5e6b4b0d3255bfef95601890afd80709"_hex);
}

TEST_CASE("sha1: parts are one message, and one computation leaves nothing to the next") {
    const Library library;
    const auto whole = sha1(library, {as_bytes("abc")});
    CHECK(sha1(library, {as_bytes("a"), {}, as_bytes("bc")}) == whole);
    CHECK(sha1(library, {as_bytes("abc")}) == whole);
}
