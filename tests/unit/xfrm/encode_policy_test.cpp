#include "xfrm/encode_policy.hpp"

#include "samples.hpp"
#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "xfrm/netlink_reader.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

namespace {

/// An encoded policy's attribute; nothing if it is absent.
std::optional<Bytes> attribute_of(const InstallPolicy& policy, std::uint16_t type) {
    const WipedBytes octets = encode(policy, {});
    const auto body = read_body<uapi::UserPolicyInfo>(ByteView(octets).subspan(16));
    const auto found = body->attributes.find(type);
    return found ? std::optional(to_bytes(*found)) : std::nullopt;
}

}  // namespace

TEST_CASE("encode_policy: UPDPOLICY of a tunnel, octet by octet") {
    InstallPolicy policy = out_policy();
    policy.selector.protocol = 6;
    policy.selector.destination_port = 80;
    policy.selector.destination_port_mask = 0xffff;
    policy.selector.source_port = 1024;
    policy.selector.source_port_mask = 0xfc00;
    policy.if_id = IfId(7);
    policy.tmpl->spi = EspSpi(0xc1234567);
    CHECK(to_bytes(encode(policy, {0x11, 0x22})) ==
          "04010000 1900 0500 11000000 22000000"
          // selector: destination, source, ports, family, prefixes, protocol
          "0a020000000000000000000000000000 0a010000000000000000000000000000"
          "0050 ffff 0400 fc00 0200 10 18 06 000000 00000000 00000000"
          // limits: none
          "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff"
          "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
          // used so far
          "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
          // priority, index, direction, action, flags, share
          "e8030000 19000058 01 00 00 00 00000000"
          // TMPL: destination, SPI, ESP; family, source, reqid, tunnel; all algorithms
          "4400 0500 c0000202000000000000000000000000 c1234567 32 000000"
          "0200 0000 c0000201000000000000000000000000 01000058 01 00 00 00"
          "ffffffff ffffffff ffffffff"
          "0800 1f00 07000000"_hex);
}

TEST_CASE("encode_policy: without a template it plainly allows or blocks") {
    InstallPolicy policy = out_policy();
    policy.tmpl.reset();
    policy.action = PolicyAction::block;
    const WipedBytes octets = encode(policy, {});
    CHECK(octets.size() == 16 + 168);
    CHECK(octets[16 + 161] == 1);
}

TEST_CASE("encode_policy: a transport template takes the selector's family") {
    InstallPolicy policy = out_policy();
    policy.selector = {net("2001:db8::1"), net("2001:db8::2")};
    policy.tmpl = PolicyTemplate{{}, {}, Reqid(5), Mode::transport, std::nullopt};
    const auto tmpl = read_layout<uapi::UserTemplate>(*attribute_of(policy, 5));
    CHECK(tmpl->family == uapi::family_inet6);
    CHECK(tmpl->mode == 0);
    CHECK(tmpl->id.spi.host() == 0);
}

TEST_CASE("encode_policy: only packet offload concerns the policy") {
    InstallPolicy policy = out_policy();
    policy.offload = OffloadRequest{5, OffloadMode::crypto};
    CHECK_FALSE(attribute_of(policy, 28));
    policy.offload->mode = OffloadMode::packet;
    CHECK(attribute_of(policy, 28) == "05000000 04 000000"_hex);
    policy.direction = Direction::in;
    policy.index = PolicyIndex(0x58000018);
    CHECK(attribute_of(policy, 28) == "05000000 04 000000"_hex);
}

TEST_CASE("encode_policy: DELPOLICY and GETPOLICY name selector, direction and interface id") {
    const std::string body =
        "0a020000000000000000000000000000 0a010000000000000000000000000000"
        "0000 0000 0000 0000 0200 10 18 00 000000 00000000 00000000"
        "00000000 02 000000"
        "0800 1f00 07000000";
    CHECK(to_bytes(encode(DeletePolicy{Direction::forward, site_selector(), IfId(7)}, {3, 4})) ==
          hex_octets("58000000 1400 0500 03000000 04000000" + body));
    CHECK(to_bytes(encode(QueryPolicy{Direction::forward, site_selector(), IfId(7)}, {3, 4})) ==
          hex_octets("58000000 1500 0500 03000000 04000000" + body));
    CHECK(encode(DeletePolicy{Direction::in, site_selector(), IfId{}}, {}).size() == 16 + 64);
}

TEST_CASE("encode_policy: a dump is a bare header") {
    CHECK(to_bytes(encode_policy_dump({3, 4})) == "10000000 1500 0103 03000000 04000000"_hex);
}
