#include "daemon/interface_table.hpp"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "xfrm/netlink_writer.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace xfrmd::test;

namespace {

namespace route = xfrm::uapi::route;

Bytes link_message(std::uint16_t type, std::int32_t index, const char* name, std::uint32_t mtu) {
    xfrm::WipedBytes out;
    xfrm::NetlinkWriter writer(out, type, 0, {});
    writer.fixed(route::LinkMessage{.index = index, .flags = IFF_UP});
    writer.text_attribute(IFLA_IFNAME, name);
    writer.attribute(IFLA_MTU, mtu);
    writer.finish();
    return {out.begin(), out.end()};
}

Bytes xfrm_link_message(std::int32_t index, const char* name, std::uint32_t if_id) {
    xfrm::WipedBytes out;
    xfrm::NetlinkWriter writer(out, RTM_NEWLINK, 0, {});
    writer.fixed(route::LinkMessage{.index = index});
    writer.text_attribute(IFLA_IFNAME, name);
    const auto info = writer.begin_nested(IFLA_LINKINFO);
    writer.text_attribute(IFLA_INFO_KIND, "xfrm");
    const auto data = writer.begin_nested(IFLA_INFO_DATA);
    writer.attribute(route::xfrm_if_id, if_id);
    writer.end_nested(data);
    writer.end_nested(info);
    writer.finish();
    return {out.begin(), out.end()};
}

Bytes address_message(std::uint16_t type, std::uint8_t index, const char* text,
                      std::uint32_t flags = 0) {
    const IpAddress address = IpAddress::from_text(text).value();
    const std::uint8_t family = address.family() == IpFamily::v4 ? 2 : 10;
    xfrm::WipedBytes out;
    xfrm::NetlinkWriter writer(out, type, 0, {});
    writer.fixed(std::array<std::uint8_t, 8>{family, 24, 0, 0, index, 0, 0, 0});
    writer.attribute(IFA_ADDRESS, address.bytes());
    writer.attribute(IFA_FLAGS, flags);
    writer.finish();
    return {out.begin(), out.end()};
}

/// `flags` of struct ifinfomsg, behind the netlink header.
constexpr std::size_t flags_offset = 16 + 8;

std::vector<std::string> addresses_of(const InterfaceTable& table) {
    std::vector<std::string> result;
    for (const auto& interface : table.interfaces())
        for (const IpAddress& address : interface.addresses)
            result.push_back(address.to_text());
    return result;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("interface table: a device has its name, MTU and state") {
    InterfaceTable table;
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    REQUIRE(table.interfaces().size() == 1);
    CHECK(table.interfaces()[0].name == "eth0");
    CHECK(table.interfaces()[0].index == 2);
    CHECK(table.interfaces()[0].mtu == 1500);
    CHECK(table.interfaces()[0].up);
    table.apply(link_message(RTM_NEWLINK, 2, "wan", 1400));
    CHECK(table.interfaces()[0].name == "wan");
    table.apply(link_message(RTM_DELLINK, 2, "wan", 1400));
    CHECK(table.interfaces().empty());
}

TEST_CASE("interface table: the addresses of lo as Linux 6.18 dumps them") {
    InterfaceTable table;
    table.apply(link_message(RTM_NEWLINK, 1, "lo", 65536));
    table.apply(
        "4c000000 1400 0200 02000000 225f0000 0208 80fe 01000000 08000100 7f000001"
        "08000200 7f000001 07000300 6c6f0000 08000800 80000000"
        "14000600 ffffffffffffffff 0520040005200400"_hex);
    table.apply(
        "50000000 1400 0200 02000000 225f0000 0a80 80fe 01000000"
        "14000100 00000000000000000000000000000001"
        "14000600 ffffffffffffffff 0520040005200400 08000800 80000000 05000b00 01000000"_hex);
    CHECK(addresses_of(table) == Texts{"127.0.0.1", "::1"});
}

TEST_CASE("interface table: primaries first, link-local last, each in the kernel's order") {
    InterfaceTable table;
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    table.apply(address_message(RTM_NEWADDR, 2, "fe80::1"));
    table.apply(address_message(RTM_NEWADDR, 2, "192.0.2.9", IFA_F_SECONDARY));
    table.apply(address_message(RTM_NEWADDR, 2, "192.0.2.1"));
    table.apply(address_message(RTM_NEWADDR, 2, "2001:db8::1"));
    CHECK(addresses_of(table) == Texts{"192.0.2.1", "2001:db8::1", "192.0.2.9", "fe80::1"});
}

TEST_CASE("interface table: IPv6 addresses count once they are usable, and while they are") {
    InterfaceTable table;
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    table.apply(address_message(RTM_NEWADDR, 2, "2001:db8::1", IFA_F_TENTATIVE));
    CHECK(addresses_of(table).empty());
    table.apply(address_message(RTM_NEWADDR, 2, "2001:db8::1"));
    CHECK(addresses_of(table) == Texts{"2001:db8::1"});
    table.apply(address_message(RTM_NEWADDR, 2, "2001:db8::1", IFA_F_DEPRECATED));
    CHECK(addresses_of(table).empty());
    table.apply(address_message(RTM_NEWADDR, 2, "2001:db8::1"));
    table.apply(address_message(RTM_DELADDR, 2, "2001:db8::1"));
    CHECK(addresses_of(table).empty());
}

TEST_CASE("interface table: XFRM interfaces are known with their ids") {
    InterfaceTable table;
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    table.apply(xfrm_link_message(3, "to-hq", 0x58000001));
    REQUIRE(table.xfrm_interfaces().size() == 1);
    CHECK(table.xfrm_interfaces()[0].name == "to-hq");
    CHECK(table.xfrm_interfaces()[0].if_id == IfId(0x58000001));
}

TEST_CASE("interface table: cut messages and unknown devices change nothing") {
    InterfaceTable table;
    const Bytes whole = link_message(RTM_NEWLINK, 2, "eth0", 1500);
    for (std::size_t size = 0; size < whole.size(); ++size)
        table.apply(ByteView(whole).first(size));
    CHECK(table.interfaces().empty());
    table.apply(address_message(RTM_NEWADDR, 9, "192.0.2.1"));
    CHECK(table.interfaces().empty());
}

TEST_CASE("interface table: features are asked for when a device has said something") {
    InterfaceTable table;
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    table.apply(xfrm_link_message(3, "to-hq", 7));
    std::vector<std::string> asked;
    const auto ask = [&](const std::string& device) {
        asked.push_back(device);
        return true;
    };
    table.read_features(ask);
    table.read_features(ask);
    CHECK(asked == std::vector<std::string>{"eth0"});
    CHECK(table.interfaces()[0].esp_offload);
    CHECK_FALSE(table.interfaces()[1].esp_offload);
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    table.read_features([](const std::string&) { return false; });
    CHECK_FALSE(table.interfaces()[0].esp_offload);
}

TEST_CASE("interface table: a carrier that comes is told once") {
    InterfaceTable table;
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    CHECK_FALSE(table.take_carrier_return());
    Bytes running = link_message(RTM_NEWLINK, 2, "eth0", 1500);
    running[flags_offset] = IFF_UP | IFF_RUNNING;
    table.apply(running);
    CHECK(table.take_carrier_return());
    CHECK_FALSE(table.take_carrier_return());
    table.apply(running);
    CHECK_FALSE(table.take_carrier_return());
}

TEST_CASE("interface table: a device that went down is told, though it is up again") {
    InterfaceTable table;
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    CHECK(table.interfaces()[0].times_down == 0);
    Bytes down = link_message(RTM_NEWLINK, 2, "eth0", 1500);
    down[flags_offset] = 0;
    table.apply(down);
    CHECK(table.interfaces()[0].times_down == 1);
    CHECK_FALSE(table.interfaces()[0].up);
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    CHECK(table.interfaces()[0].times_down == 1);
    CHECK(table.interfaces()[0].up);
    table.clear();
    table.apply(link_message(RTM_NEWLINK, 2, "eth0", 1500));
    CHECK(table.interfaces()[0].times_down == 1);
}
