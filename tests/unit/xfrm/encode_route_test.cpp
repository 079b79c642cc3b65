#include "xfrm/encode_route.hpp"

#include "samples.hpp"
#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "xfrm/decode_reply.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

TEST_CASE("encode_route: RTM_GETROUTE for a pair of addresses, octet by octet") {
    CHECK(to_bytes(encode(QueryRoute{ip("192.0.2.1"), ip("192.0.2.2")}, {3, 4})) ==
          "2c000000 1a00 0500 03000000 04000000"
          "02 20 20 00 00 00 00 00 00000000"  // AF_INET, two whole addresses
          "0800 0100 c0000202"                // to
          "0800 0200 c0000201"_hex);          // from
    const auto six = encode(QueryRoute{ip("2001:db8::1"), ip("2001:db8::2")}, {3, 4});
    CHECK(six[16] == 10);
    CHECK(six[17] == 128);
}

TEST_CASE("decode_reply: a route names the device that it leads through, or is none of ours") {
    const std::string head = "1800 0000 07000000 08000000 02 20 20 00 fe 00 00 01 00000000";
    const Replies out = decode_replies(hex_octets("24000000" + head + "0800 0400 05000000"));
    REQUIRE(out.replies.size() == 1);
    CHECK(std::get<RouteStatus>(out.replies[0].content).interface_index == 5);
    OperationResult result;
    CHECK_FALSE(absorb(Reply(out.replies[0]), result));
    CHECK(std::get<RouteStatus>(result.status).interface_index == 5);

    const Replies nowhere = decode_replies(hex_octets("1c000000" + head));
    REQUIRE(nowhere.replies.size() == 1);
    CHECK(std::holds_alternative<Foreign>(nowhere.replies[0].content));
    CHECK(decode_replies(hex_octets("18000000 1800 0000 07000000 08000000 02202000fe000001"))
              .malformed);
}
