#include "wire/traffic_selector.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

IpRange subnet(const char* text) {
    return Subnet::from_text(text)->range();
}

std::string printed(std::uint8_t protocol, std::uint16_t start, std::uint16_t end) {
    return TrafficSelector{protocol, start, end, subnet("10.1.0.0/24")}.to_text();
}

const Bytes v4_example = "07 06 0010 01bb 01bb 0a010000 0a0100ff"_hex;
const Bytes v6_example =
    "08 00 0028 0000 ffff 20010db8000000000000000000000000 20010db800000000ffffffffffffffff"_hex;

}  // namespace

TEST_CASE("traffic selector: fields stand where section 3.13.1 draws them") {
    const auto v4 = TrafficSelector::parse(v4_example);
    REQUIRE(v4);
    CHECK(*v4 == TrafficSelector{6, 443, 443, subnet("10.1.0.0/24")});
    CHECK(serialized(*v4) == v4_example);

    const auto v6 = TrafficSelector::parse(v6_example);
    REQUIRE(v6);
    CHECK(*v6 == TrafficSelector{0, 0, 65535, subnet("2001:db8::/64")});
    CHECK(v6->any_port());
    CHECK(serialized(*v6) == v6_example);
}

TEST_CASE("traffic selector: C08: reversed ports are refused unless they say OPAQUE") {
    Bytes octets = v4_example;
    ByteWriter(octets).patch_u32(4, 0x01bb01ba);
    CHECK(refusal(TrafficSelector::parse(octets)) == "start port is over the end port");
    ByteWriter(octets).patch_u32(4, 0xffff0000);
    const auto opaque = TrafficSelector::parse(octets);
    REQUIRE(opaque);
    CHECK(opaque->opaque_ports());
    CHECK_FALSE(opaque->any_port());
    CHECK(serialized(*opaque) == octets);
    ByteWriter(octets).patch_u32(4, 0xffff0001);
    CHECK_FALSE(TrafficSelector::parse(octets));
}

TEST_CASE("traffic selector: C08: the first address must not be over the last") {
    Bytes octets = v4_example;
    octets[11] = 1;
    octets[15] = 1;
    CHECK(TrafficSelector::parse(octets));
    octets[15] = 0;
    CHECK(refusal(TrafficSelector::parse(octets)) == "first address is over the last");
}

TEST_CASE("traffic selector: the length has to be the type's and the octets'") {
    for (unsigned length : {0U, 8U, 15U, 17U, 40U, 65535U}) {
        Bytes octets = v4_example;
        ByteWriter(octets).patch_u16(2, static_cast<std::uint16_t>(length));
        CHECK_FALSE(TrafficSelector::parse(octets));
    }
    Bytes v6_with_v4_size = v4_example;
    v6_with_v4_size[0] = 8;
    CHECK_FALSE(TrafficSelector::parse(v6_with_v4_size));
}

TEST_CASE("traffic selector: only address ranges are read") {
    for (unsigned type = 0; type < 256; ++type) {
        Bytes octets = v6_example;
        octets[0] = static_cast<std::uint8_t>(type);
        CHECK(TrafficSelector::parse(octets).has_value() == (type == 8));
    }
}

TEST_CASE("traffic selector: text names protocol and ports where they matter") {
    CHECK(printed(0, 0, 65535) == "10.1.0.0/24");
    CHECK(printed(6, 0, 65535) == "10.1.0.0/24 tcp");
    CHECK(printed(6, 443, 443) == "10.1.0.0/24 tcp/443");
    CHECK(printed(6, 0, 0) == "10.1.0.0/24 tcp/0");
    CHECK(printed(17, 1000, 2000) == "10.1.0.0/24 udp/1000-2000");
    CHECK(printed(0, 53, 53) == "10.1.0.0/24 any/53");
    CHECK(printed(47, 0, 65535) == "10.1.0.0/24 gre");
    CHECK(printed(132, 1, 2) == "10.1.0.0/24 sctp/1-2");
    CHECK(printed(200, 0, 65535) == "10.1.0.0/24 protocol 200");
    CHECK(printed(6, 65535, 0) == "10.1.0.0/24 tcp/opaque");
}

TEST_CASE("traffic selector: text of ICMP names types and codes") {
    CHECK(printed(1, 0, 65535) == "10.1.0.0/24 icmp");
    CHECK(printed(1, 0x0800, 0x08ff) == "10.1.0.0/24 icmp/8");
    CHECK(printed(1, 0x0304, 0x0304) == "10.1.0.0/24 icmp/3/4");
    CHECK(printed(58, 0x8000, 0x81ff) == "10.1.0.0/24 icmp6/128-129");
    CHECK(printed(1, 0x0301, 0x0304) == "10.1.0.0/24 icmp/3/1-3/4");
    CHECK(printed(1, 65535, 0) == "10.1.0.0/24 icmp/opaque");
}

TEST_CASE("traffic selector: compares by protocol, ports and addresses") {
    const TrafficSelector any{0, 0, 65535, subnet("10.1.0.0/24")};
    CHECK(any == TrafficSelector{.addresses = subnet("10.1.0.0/24")});
    CHECK(any != TrafficSelector{.addresses = subnet("10.1.0.0/25")});
    CHECK(any < TrafficSelector{6, 0, 65535, subnet("10.1.0.0/24")});
}

TEST_CASE("traffic selector: every truncation is refused, every change of an octet is survived") {
    const auto parse = [](ByteView octets) { return TrafficSelector::parse(octets); };
    sweep_body(v4_example, v4_example.size(), parse);
    sweep_body(v6_example, v6_example.size(), parse);
}
