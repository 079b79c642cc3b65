// RFC 7296 section 2.9.
#include "ike/traffic_selector_narrowing.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using wire::TrafficSelector;

namespace {

constexpr std::uint8_t tcp = 6;
constexpr std::uint8_t udp = 17;

TrafficSelector ts(const char* first, const char* last, std::uint8_t protocol = 0,
                   std::uint16_t start_port = 0, std::uint16_t end_port = 65535) {
    return {protocol,
            start_port,
            end_port,
            {*IpAddress::from_text(first), *IpAddress::from_text(last)}};
}

using List = std::vector<TrafficSelector>;

const TrafficSelector net = ts("192.0.1.0", "192.0.1.255");

}  // namespace

// "TSi = ((17, 100, 198.51.100.66-198.51.100.66), (0, 0-65535, 198.51.100.0-198.51.100.255))
//  ... the responder's policy allows the entire set"
TEST_CASE("narrowing: an offer that is allowed as a whole stays, the packet's part of it gone") {
    const List offered{ts("198.51.100.66", "198.51.100.66", udp, 100, 100),
                       ts("198.51.100.0", "198.51.100.255")};
    const List allowed{ts("198.51.100.0", "198.51.100.255")};
    CHECK(narrow(offered, allowed) == allowed);
}

// "If the responder's policy allows it to accept the first selector of TSi and TSr, then the
//  responder MUST narrow the Traffic Selectors to a subset that includes the initiator's first
//  choices."
TEST_CASE("narrowing: the packet's own selector is in the result, and first") {
    const List offered{ts("192.0.1.43", "192.0.1.43", udp, 4500, 4500),
                       ts("192.0.1.0", "192.0.1.255")};
    const List allowed{ts("192.0.1.0", "192.0.1.31"), ts("192.0.1.43", "192.0.1.43"),
                       ts("192.0.1.128", "192.0.1.255")};
    const List result = narrow(offered, allowed);
    CHECK(covers(result, std::span(offered).first(1)));
    CHECK(covers(allowed, result));
    CHECK(result.size() == 3);
}

TEST_CASE("narrowing: a packet's selector that nothing else includes stays at the front") {
    const List offered{ts("192.0.1.43", "192.0.1.43", udp, 4500, 4500),
                       ts("10.0.0.0", "10.0.0.255")};
    const List allowed{ts("0.0.0.0", "255.255.255.255")};
    CHECK(narrow(offered, allowed) == offered);
}

// "the responder's policy ... allows a smaller subset": section 2.9.1's 192.0.1.0/24 and
// 192.0.2.0/24 against one of them.
TEST_CASE("narrowing: what only one side has is left out") {
    const List offered{ts("192.0.1.0", "192.0.1.255"), ts("192.0.2.0", "192.0.2.255")};
    CHECK(narrow(offered, List{net}) == List{net});
    CHECK(narrow(List{net}, offered) == List{net});
}

TEST_CASE("narrowing: ranges overlap at any address, not only at subnets") {
    const List result =
        narrow(List{ts("10.0.0.5", "10.0.0.77")}, List{ts("10.0.0.70", "10.0.1.2")});
    CHECK(result == List{ts("10.0.0.70", "10.0.0.77")});
}

TEST_CASE("narrowing: nothing in common is nothing") {
    CHECK(narrow(List{net}, List{ts("192.0.2.0", "192.0.2.255")}).empty());
    CHECK(narrow(List{}, List{net}).empty());
    CHECK(narrow(List{net}, List{}).empty());
}

TEST_CASE("narrowing: any protocol and port give way to particular ones, from either side") {
    const List any{ts("192.0.1.0", "192.0.1.255")};
    const List https{ts("192.0.1.0", "192.0.1.255", tcp, 443, 443)};
    CHECK(narrow(any, https) == https);
    CHECK(narrow(https, any) == https);
}

TEST_CASE("narrowing: protocols that differ have nothing in common") {
    CHECK(
        narrow(List{ts("192.0.1.0", "192.0.1.255", tcp)}, List{ts("192.0.1.0", "192.0.1.255", udp)})
            .empty());
}

TEST_CASE("narrowing: port ranges are intersected") {
    const auto ports = [](std::uint16_t start, std::uint16_t end) {
        return List{ts("192.0.1.0", "192.0.1.255", tcp, start, end)};
    };
    CHECK(narrow(ports(1000, 2000), ports(1500, 3000)) == ports(1500, 2000));
    CHECK(narrow(ports(1000, 2000), ports(2000, 3000)) == ports(2000, 2000));
    CHECK(narrow(ports(1000, 1999), ports(2000, 3000)).empty());
}

// OPAQUE is 65535 to 0 (section 3.13.1): the kernel cannot match it, so it is never agreed on.
TEST_CASE("narrowing: OPAQUE ports come to nothing") {
    const List opaque{ts("192.0.1.0", "192.0.1.255", tcp, 65535, 0)};
    CHECK(narrow(opaque, List{net}).empty());
    CHECK_FALSE(covers(List{net}, opaque));
}

TEST_CASE("narrowing: IPv4 and IPv6 never mix") {
    const List six{ts("2001:db8:1::", "2001:db8:1::ffff")};
    const List all_six{ts("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")};
    const List all_four{ts("0.0.0.0", "255.255.255.255")};
    CHECK(narrow(six, all_six) == six);
    CHECK(narrow(six, all_four).empty());
    CHECK(narrow(all_four, all_six).empty());
    CHECK_FALSE(covers(all_four, six));
}

TEST_CASE("narrowing: both families at once keep their order") {
    const List offered{ts("2001:db8::", "2001:db8::ff"), net};
    const List allowed{ts("0.0.0.0", "255.255.255.255"),
                       ts("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")};
    CHECK(narrow(offered, allowed) == offered);
}

TEST_CASE("narrowing: a selector that another includes is not said twice") {
    CHECK(narrow(List{net, net}, List{net}) == List{net});
    const TrafficSelector part = ts("192.0.1.7", "192.0.1.9");
    CHECK(narrow(List{part, net}, List{net}) == List{net});
    CHECK(narrow(List{net, part}, List{net}) == List{net});
}

TEST_CASE("narrowing: the result has a limit, whatever a peer offers") {
    List offered;
    for (std::uint16_t port = 1; port <= 600; ++port)
        offered.push_back(ts("192.0.1.0", "192.0.1.255", tcp, static_cast<std::uint16_t>(port * 2),
                             static_cast<std::uint16_t>(port * 2)));
    CHECK(narrow(offered, List{net}).size() == max_selectors);
}

TEST_CASE("narrowing: covers asks for one selector that holds each whole") {
    const List halves{ts("192.0.1.0", "192.0.1.127"), ts("192.0.1.128", "192.0.1.255")};
    CHECK(covers(List{net}, halves));
    CHECK_FALSE(covers(halves, List{net}));
    CHECK(covers(List{net}, List{}));
    CHECK_FALSE(covers(List{}, List{net}));
    CHECK_FALSE(covers(List{ts("192.0.1.0", "192.0.1.255", tcp)}, List{net}));
    CHECK_FALSE(covers(List{ts("192.0.1.0", "192.0.1.255", tcp, 1, 2)},
                       List{ts("192.0.1.0", "192.0.1.255", tcp, 1, 3)}));
}

TEST_CASE("narrowing: a phase 2 in the words of the protocol") {
    config::Selectors selectors;
    selectors.local = {Subnet::from_text("10.1.0.0/24")->range(),
                       Subnet::from_text("10.3.0.0/24")->range()};
    selectors.remote = {Subnet::from_text("10.2.0.0/24")->range()};
    selectors.protocol = tcp;
    selectors.remote_port = 443;
    const SelectorSet set = selectors_of(selectors);
    CHECK(set.local == List{ts("10.1.0.0", "10.1.0.255", tcp), ts("10.3.0.0", "10.3.0.255", tcp)});
    CHECK(set.remote == List{ts("10.2.0.0", "10.2.0.255", tcp, 443, 443)});
}

TEST_CASE("narrowing: a list of selectors as text, cut where it would be a long line") {
    CHECK(to_text(List{}) == "");
    CHECK(to_text(List{net, ts("10.0.0.0", "10.0.0.255", tcp, 443, 443)}) ==
          "192.0.1.0/24, 10.0.0.0/24 tcp/443");
    const std::string text = to_text(List(10, net));
    CHECK(text.ends_with(", 2 more"));
}
