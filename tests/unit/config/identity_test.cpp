#include "config/identity.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::test;

TEST_CASE("identity: auto derives the type from the text") {
    const auto v4 = parse_identity("192.0.2.1", IdentityType::automatic);
    REQUIRE(v4);
    CHECK(v4->type == wire::IdType::ipv4_addr);
    CHECK(v4->data == "c0000201"_hex);
    CHECK(v4->text == "192.0.2.1");
    const auto v6 = parse_identity("2001:db8::1", IdentityType::automatic);
    CHECK(v6->type == wire::IdType::ipv6_addr);
    CHECK(v6->data == "20010db8000000000000000000000001"_hex);
    const auto mail = parse_identity("vpn@example.net", IdentityType::automatic);
    CHECK(mail->type == wire::IdType::rfc822_addr);
    const auto name = parse_identity("gw.example.net", IdentityType::automatic);
    CHECK(name->type == wire::IdType::fqdn);
    CHECK(name->data == to_bytes(as_bytes("gw.example.net")));
}

TEST_CASE("identity: a type that is named is used") {
    CHECK(parse_identity("192.0.2.1", IdentityType::fqdn)->type == wire::IdType::fqdn);
    CHECK(parse_identity("gw", IdentityType::user_fqdn)->type == wire::IdType::rfc822_addr);
    const auto free = parse_identity("branch office \xc3\xa4", IdentityType::key_id);
    REQUIRE(free);
    CHECK(free->type == wire::IdType::key_id);
    CHECK(free->data.size() == 16);
}

TEST_CASE("identity: a text that does not fit its type is refused") {
    CHECK_FALSE(parse_identity("gw.example.net", IdentityType::address));
    CHECK_FALSE(parse_identity("branch office", IdentityType::automatic));
    CHECK_FALSE(parse_identity("b\xc3\xa4r", IdentityType::fqdn));
    for (const auto type : {IdentityType::automatic, IdentityType::key_id, IdentityType::address})
        CHECK_FALSE(parse_identity("", type));
}
