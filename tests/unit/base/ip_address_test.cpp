#include "base/ip_address.hpp"

#include "support/catch.hpp"

using namespace xfrmd;

namespace {

IpRange range(const char* first, const char* last) {
    return {*IpAddress::from_text(first), *IpAddress::from_text(last)};
}

std::string subnets_text(const IpRange& range) {
    std::string text;
    for (const Subnet& subnet : range.to_subnets())
        text += subnet.to_text() + " ";
    return text;
}

}  // namespace

TEST_CASE("IpAddress: text forms of both families") {
    CHECK(IpAddress::from_text("192.0.2.1")->to_text() == "192.0.2.1");
    CHECK(IpAddress::from_text("2001:DB8:0::1")->to_text() == "2001:db8::1");
    for (const char* wrong : {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.4 ", "fe80::1%eth0",
                              "gw.example.org", ":", "01.2.3.4x"})
        CHECK_FALSE(IpAddress::from_text(wrong));
    CHECK_FALSE(IpAddress::from_text(std::string_view("1.2.3.4\0", 8)));
}

TEST_CASE("IpAddress: only 4 or 16 octets make an address") {
    for (std::size_t size = 0; size < 20; ++size)
        CHECK(IpAddress::from_bytes(Bytes(size)).has_value() == (size == 4 || size == 16));
}

TEST_CASE("IpAddress: neighbours carry over octets and wrap") {
    CHECK(IpAddress::from_text("10.0.0.255")->next().to_text() == "10.0.1.0");
    CHECK(IpAddress::from_text("10.0.1.0")->previous().to_text() == "10.0.0.255");
    CHECK(IpAddress::highest(IpFamily::v4).next() == IpAddress::any(IpFamily::v4));
    CHECK(IpAddress::any(IpFamily::v6).previous() == IpAddress::highest(IpFamily::v6));
}

TEST_CASE("Endpoint: IPv6 addresses stand in brackets") {
    CHECK(Endpoint{*IpAddress::from_text("192.0.2.1"), 500}.to_text() == "192.0.2.1:500");
    CHECK(Endpoint{*IpAddress::from_text("::1"), 4500}.to_text() == "[::1]:4500");
}

TEST_CASE("IpRange: contains and intersection keep families apart") {
    const IpRange lan = range("10.1.0.0", "10.1.0.255");
    CHECK(lan.contains(*IpAddress::from_text("10.1.0.7")));
    CHECK_FALSE(lan.contains(*IpAddress::from_text("10.1.1.0")));
    CHECK_FALSE(lan.contains(*IpAddress::from_text("::")));
    CHECK(lan.intersection(range("10.1.0.128", "10.2.0.0")) == range("10.1.0.128", "10.1.0.255"));
    CHECK_FALSE(lan.intersection(range("10.1.1.0", "10.1.1.1")));
    CHECK_FALSE(lan.intersection(range("::", "::ff")));
}

TEST_CASE("IpRange: is covered by the fewest subnets, in order") {
    CHECK(subnets_text(range("0.0.0.0", "255.255.255.255")) == "0.0.0.0/0 ");
    CHECK(subnets_text(range("10.1.0.0", "10.1.0.255")) == "10.1.0.0/24 ");
    CHECK(subnets_text(range("10.0.0.1", "10.0.0.6")) ==
          "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32 ");
    CHECK(subnets_text(range("255.255.255.254", "255.255.255.255")) == "255.255.255.254/31 ");
    CHECK(range("0.0.0.1", "255.255.255.254").to_subnets().size() == 62);
    CHECK(IpRange{IpAddress::any(IpFamily::v6), IpAddress::highest(IpFamily::v6)}
              .to_subnets()
              .size() == 1);
}

TEST_CASE("IpRange: prints as a subnet where it is one") {
    CHECK(range("10.1.0.0", "10.1.0.255").to_text() == "10.1.0.0/24");
    CHECK(range("10.1.0.1", "10.1.0.9").to_text() == "10.1.0.1-10.1.0.9");
    CHECK(range("10.1.0.1", "10.1.0.1").to_text() == "10.1.0.1/32");
    CHECK(range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").to_text() == "::/0");
}

TEST_CASE("Subnet: a prefix, an address alone, no host bits") {
    CHECK(Subnet::from_text("10.1.0.0/24")->range() == range("10.1.0.0", "10.1.0.255"));
    CHECK(Subnet::from_text("10.1.0.1")->prefix_length == 32);
    CHECK(Subnet::from_text("fd00::/8")->range().last.to_text() ==
          "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    CHECK(Subnet::from_text("0.0.0.0/0")->range() ==
          IpRange{IpAddress::any(IpFamily::v4), IpAddress::highest(IpFamily::v4)});
    for (const char* wrong : {"10.1.0.1/24", "10.1.0.0/33", "10.1.0.0/", "/24", "10.1.0.0/-1",
                              "10.1.0.0/24x", "::/129"})
        CHECK_FALSE(Subnet::from_text(wrong));
}
