#include "ike/tunnel_table.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

IpAddress ip(const char* text) {
    return *IpAddress::from_text(text);
}

std::shared_ptr<Tunnel> tunnel(std::uint64_t number, std::string name,
                               std::optional<IpAddress> remote,
                               std::optional<IpAddress> local = std::nullopt) {
    auto phase1 = std::make_shared<config::Phase1>();
    phase1->name = std::move(name);
    phase1->interface = "eth0";
    phase1->remote_gateway = remote;
    phase1->local_gateway = local;
    if (!remote) phase1->type = config::GatewayType::dynamic;
    if (remote) phase1->ip_version = remote->family();
    auto made = std::make_shared<Tunnel>();
    made->phase1 = std::move(phase1);
    made->number = number;
    made->interface_exists = true;
    return made;
}

TunnelTable table() {
    TunnelTable made;
    made.set_interfaces(
        {{"eth0", 2, 1500, true, {ip("192.0.2.1"), ip("192.0.2.10"), ip("2001:db8::1")}},
         {"eth1", 3, 1400, true, {ip("198.51.100.1")}}});
    return made;
}

std::vector<std::string> names(const std::vector<std::shared_ptr<Tunnel>>& tunnels) {
    std::vector<std::string> result;
    for (const auto& one : tunnels)
        result.push_back(one->name());
    return result;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("tunnel table: candidates are those with the caller's address, then those for all") {
    TunnelTable tunnels = table();
    tunnels.add(tunnel(1, "dialup-b", std::nullopt));
    tunnels.add(tunnel(2, "site-z", ip("192.0.2.2")));
    tunnels.add(tunnel(3, "dialup-a", std::nullopt));
    tunnels.add(tunnel(4, "site-y", ip("192.0.2.2")));
    tunnels.add(tunnel(5, "other", ip("192.0.2.3")));
    CHECK(names(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.2"))) ==
          Names{"site-y", "site-z", "dialup-a", "dialup-b"});
    CHECK(names(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.99"))) ==
          Names{"dialup-a", "dialup-b"});
}

TEST_CASE("tunnel table: a tunnel listens on its interface's addresses, or local-gw alone") {
    TunnelTable tunnels = table();
    tunnels.add(tunnel(1, "device", ip("192.0.2.2")));
    tunnels.add(tunnel(2, "fixed", ip("192.0.2.2"), ip("192.0.2.10")));
    CHECK(names(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.2"))) == Names{"device"});
    CHECK(names(tunnels.candidates(ip("192.0.2.10"), ip("192.0.2.2"))) == Names{"device", "fixed"});
    CHECK(tunnels.candidates(ip("198.51.100.1"), ip("192.0.2.2")).empty());
}

TEST_CASE("tunnel table: a tunnel is of one family") {
    TunnelTable tunnels = table();
    tunnels.add(tunnel(1, "four", std::nullopt));
    tunnels.add(tunnel(2, "six", ip("2001:db8::2")));
    CHECK(names(tunnels.candidates(ip("2001:db8::1"), ip("2001:db8::2"))) == Names{"six"});
    CHECK(names(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.2"))) == Names{"four"});
}

TEST_CASE("tunnel table: a route-based tunnel without its interface is nobody's candidate") {
    TunnelTable tunnels = table();
    const auto one = tunnel(1, "one", ip("192.0.2.2"));
    one->interface_exists = false;
    tunnels.add(one);
    CHECK(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.2")).empty());
    one->interface_exists = true;
    CHECK(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.2")).size() == 1);
}

TEST_CASE("tunnel table: remote-gw-match says from where a dial-up server's peers may come") {
    TunnelTable tunnels = table();
    auto phase1 = std::make_shared<config::Phase1>();
    phase1->name = "dialup";
    phase1->interface = "eth0";
    phase1->route_based = false;
    phase1->remote_gateway_match = Subnet::from_text("203.0.113.0/24")->range();
    auto dialup = std::make_shared<Tunnel>();
    dialup->phase1 = std::move(phase1);
    tunnels.add(dialup);
    CHECK(tunnels.candidates(ip("192.0.2.1"), ip("203.0.113.9")).size() == 1);
    CHECK(tunnels.candidates(ip("192.0.2.1"), ip("203.0.114.9")).empty());
}

TEST_CASE("tunnel table: found by name and by number until it is removed") {
    TunnelTable tunnels = table();
    const auto one = tunnel(7, "one", ip("192.0.2.2"));
    tunnels.add(one);
    CHECK(tunnels.find("one") == one);
    CHECK(tunnels.find(7) == one);
    CHECK(tunnels.find("two") == nullptr);
    CHECK(tunnels.find(8) == nullptr);
    tunnels.remove("two");
    tunnels.remove("one");
    CHECK(tunnels.find("one") == nullptr);
    CHECK(tunnels.find(7) == nullptr);
    CHECK(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.2")).empty());
    CHECK(tunnels.by_name().empty());
}

TEST_CASE("tunnel table: we speak from local-gw, else from the device's first address") {
    const TunnelTable tunnels = table();
    config::Phase1 phase1;
    phase1.interface = "eth0";
    CHECK(tunnels.local_address(phase1) == ip("192.0.2.1"));
    phase1.ip_version = IpFamily::v6;
    CHECK(tunnels.local_address(phase1) == ip("2001:db8::1"));
    phase1.local_gateway = ip("2001:db8::7");
    CHECK(tunnels.local_address(phase1) == ip("2001:db8::7"));
}

TEST_CASE("tunnel table: without device or address of the family there is none") {
    const TunnelTable tunnels = table();
    config::Phase1 phase1;
    phase1.interface = "eth9";
    CHECK_FALSE(tunnels.local_address(phase1));
    phase1.interface = "eth1";
    phase1.ip_version = IpFamily::v6;
    CHECK_FALSE(tunnels.local_address(phase1));
}

TEST_CASE("tunnel table: new interfaces take the place of the old ones") {
    TunnelTable tunnels = table();
    tunnels.set_interfaces({{"eth2", 4, 1500, true, {}}});
    CHECK(tunnels.interface("eth0") == nullptr);
    REQUIRE(tunnels.interface("eth2") != nullptr);
    CHECK(tunnels.interface("eth2")->index == 4);
}

TEST_CASE("tunnel table: a reqid leads to its phase 2 until the tunnel is removed") {
    TunnelTable tunnels = table();
    const auto one = tunnel(7, "one", ip("192.0.2.2"));
    one->reqids = {Reqid(10), Reqid(12)};
    tunnels.add(one);
    REQUIRE(tunnels.find(Reqid(12)));
    CHECK(tunnels.find(Reqid(12))->tunnel == one);
    CHECK(tunnels.find(Reqid(12))->phase2 == 1);
    CHECK(tunnels.find(Reqid(13))->phase2 == 1);
    CHECK(tunnels.find(Reqid(11))->phase2 == 0);
    CHECK_FALSE(tunnels.find(Reqid(14)));
    tunnels.remove("one");
    CHECK_FALSE(tunnels.find(Reqid(12)));
}

TEST_CASE("tunnel table: a peer known by its name is found where the name points, and last") {
    TunnelTable tunnels = table();
    const auto named = tunnel(1, "a-named", std::nullopt);
    tunnels.add(named);
    tunnels.add(tunnel(2, "z-site", ip("192.0.2.2")));
    CHECK(names(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.2"))) ==
          Names{"z-site", "a-named"});
    tunnels.set_remote(named, ip("192.0.2.2"));
    CHECK(names(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.2"))) ==
          Names{"a-named", "z-site"});
    tunnels.set_remote(named, ip("192.0.2.3"));
    CHECK(names(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.2"))) ==
          Names{"z-site", "a-named"});
    CHECK(names(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.3"))) == Names{"a-named"});
    tunnels.remove("a-named");
    CHECK(tunnels.candidates(ip("192.0.2.1"), ip("192.0.2.3")).empty());
}

TEST_CASE("tunnel table: between two addresses are those whose peer is known to be there") {
    TunnelTable tunnels = table();
    tunnels.add(tunnel(1, "dialup", std::nullopt));
    tunnels.add(tunnel(2, "site", ip("192.0.2.2")));
    tunnels.add(tunnel(3, "elsewhere", ip("192.0.2.2"), ip("192.0.2.10")));
    CHECK(names(tunnels.between(ip("192.0.2.1"), ip("192.0.2.2"))) == Names{"site"});
    CHECK(names(tunnels.at(ip("192.0.2.2"))) == Names{"elsewhere", "site"});
    CHECK(tunnels.between(ip("192.0.2.1"), ip("192.0.2.3")).empty());
    CHECK(tunnels.at(ip("192.0.2.3")).empty());
}
