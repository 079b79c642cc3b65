#include "xfrm/features.hpp"

#include <cerrno>

#include "support/catch.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

TEST_CASE("features: a probe is a GETSA of no SA with an empty attribute") {
    CHECK(to_bytes(encode_probe(33, {3, 4})) ==
          "2c000000 1200 0500 03000000 04000000"
          "00000000000000000000000000000000 00000001 0200 32 00"
          "0400 2100"_hex);
}

TEST_CASE("features: a complaint about the attribute means that it is known") {
    CHECK(read_probe(EINVAL));
    CHECK(read_probe(ERANGE));
    CHECK_FALSE(read_probe(ESRCH));
    CHECK_FALSE(read_probe(EPERM));
    CHECK_FALSE(read_probe(0));
}

TEST_CASE("features: each probed attribute has its field") {
    for (std::uint16_t attribute : probed_attributes) {
        Features features;
        set_feature(features, attribute, true);
        CHECK_FALSE(features == Features{});
    }
    Features features;
    set_feature(features, 33, true);
    CHECK(features.sa_dir);
    set_feature(features, 34, true);
    CHECK(features.nat_keepalive);
    set_feature(features, 32, true);
    CHECK(features.mtimer);
    set_feature(features, 33, false);
    CHECK_FALSE(features.sa_dir);
}
