// The harness itself: networks that lose and double, user traffic, gateways that die.
#include <algorithm>

#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const IpAddress a = address("192.0.2.1");
const IpAddress b = address("192.0.2.2");
ike::Transmit datagram(std::uint8_t number, const IpAddress& from = a, const IpAddress& to = b) {
    return {{from, 500}, {to, 500}, {number}};
}

/// The numbers of the datagrams that arrive, in that order.
Bytes arrivals(Network& network) {
    Bytes numbers;
    while (!network.empty())
        numbers.push_back(network.take_next().datagram.octets[0]);
    return numbers;
}

Bytes hundred_through(Network& network) {
    for (std::uint8_t i = 0; i < 100; ++i)
        network.send(datagram(i), world_start + milliseconds(i));
    return arrivals(network);
}

}  // namespace

TEST_CASE("network: by default everything arrives after 10 ms, in order") {
    Network network(1);
    network.send(datagram(1), world_start);
    network.send(datagram(2), world_start);
    CHECK(network.next_arrival() == world_start + milliseconds(10));
    CHECK(arrivals(network) == Bytes{1, 2});
}

TEST_CASE("network: loss, duplication and jitter come from the seed, each way has its own") {
    Network network(1);
    network.set_link(a, b, {.jitter = milliseconds(50), .loss = 30, .duplication = 20});
    const Bytes first = hundred_through(network);
    CHECK(first.size() > 60);
    CHECK(first.size() < 110);
    CHECK_FALSE(std::ranges::is_sorted(first));
    Network same(1);
    same.set_link(a, b, {.jitter = milliseconds(50), .loss = 30, .duplication = 20});
    CHECK(hundred_through(same) == first);
    network.send(datagram(7, b, a), world_start);
    CHECK(network.next_arrival() == world_start + milliseconds(10));
}

TEST_CASE("network: a cut loses what leaves meanwhile") {
    Network network(1);
    network.send(datagram(1), world_start);
    network.cut(a, b, world_start + seconds(1));
    network.send(datagram(2), world_start);
    network.send(datagram(3, b, a), world_start);
    network.send(datagram(4), world_start + seconds(1));
    CHECK(arrivals(network) == Bytes{1, 4});
    network.cut_one_way(a, b);
    network.send(datagram(5), world_start + seconds(2));
    network.send(datagram(6, b, a), world_start + seconds(2));
    network.heal(a, b);
    network.send(datagram(7), world_start + seconds(2));
    CHECK(arrivals(network) == Bytes{6, 7});
}

TEST_CASE("traffic: packets through a tunnel are counted at both ends") {
    Pair pair;
    REQUIRE(pair.connect());
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
    const auto counted = [](const Gateway& gateway, xfrm::Direction direction) {
        std::uint64_t packets = 0;
        for (const auto& [id, sa] : gateway.kernel.sas())
            if (sa.install.direction == direction) packets += sa.packets;
        return packets;
    };
    CHECK(counted(pair.west, xfrm::Direction::out) == 1);
    CHECK(counted(pair.east, xfrm::Direction::in) == 1);
    CHECK(counted(pair.west, xfrm::Direction::in) == 0);

    pair.world.network.cut(a, b);
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::cut_off);
    CHECK(counted(pair.east, xfrm::Direction::in) == 1);
    CHECK(pair.world.send(pair.west, pair.east, there, "tunnel") == PacketFate::unrouted);
}

TEST_CASE("traffic: a ping tells what was lost, and when") {
    Pair pair;
    REQUIRE(pair.connect());
    Ping& ping = pair.world.ping(pair.west, pair.east, there, milliseconds(100));
    pair.world.run_for(seconds(1) - milliseconds(1));
    CHECK(ping.sent == 10);
    CHECK(ping.losses.empty());
    const Instant cut_at = pair.world.now().boottime;
    pair.world.network.cut(a, b, cut_at + milliseconds(200));
    pair.world.run_for(seconds(1));
    CHECK(ping.losses.size() == 2);
    CHECK(ping.losses.front().fate == PacketFate::cut_off);
    CHECK(ping.summary().starts_with("18 of 20 delivered; lost at 1."));
    ping.stopped = true;
    pair.world.run_for(seconds(1));
    CHECK(ping.sent == 20);
}

TEST_CASE("accidents: a killed engine leaves the kernel alone, and the next one sweeps it") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Pair pair(spec);
    REQUIRE(pair.world.run_until([&] { return pair.is_up(); }));
    pair.world.kill(pair.west, seconds(2));
    CHECK_FALSE(pair.west.is_running());
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
    pair.world.run_for(seconds(1));
    CHECK(pair.world.send(pair.east, pair.west, back) == PacketFate::delivered);
    pair.world.run_for(seconds(2));
    CHECK(pair.west.is_running());
    CHECK(pair.is_up());
    CHECK(pair.east.engine().established_count() == 1);
    CHECK(passes_both_ways(pair));
}

TEST_CASE("accidents: a rebooted gateway forwards nothing until it is back") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Pair pair(spec);
    REQUIRE(pair.world.run_until([&] { return pair.is_up(); }));
    pair.world.reboot(pair.west, seconds(60));
    CHECK(pair.west.kernel.empty());
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::powerless);
    CHECK(pair.world.send(pair.east, pair.west, back) == PacketFate::rejected);
    pair.world.run_for(seconds(61));
    CHECK(pair.east.engine().established_count() == 1);
    CHECK(passes_both_ways(pair));
}

// ---- NATs --------------------------------------------------------------------------------------

namespace {

const Endpoint hidden{address("10.0.0.5"), 500};
const Endpoint server{address("192.0.2.2"), 500};

}  // namespace

TEST_CASE("NAT model: flows have ports of their own, and only their outer end gets in") {
    Nat nat(a);
    const Endpoint seen = nat.outward(hidden, server, world_start);
    CHECK(seen.address == a);
    CHECK(nat.outward(hidden, server, world_start) == seen);
    CHECK(nat.outward(hidden, {server.address, 4500}, world_start) != seen);
    CHECK(nat.inward(server, seen.port, world_start) == hidden);
    CHECK_FALSE(nat.inward({b, 501}, seen.port, world_start));
    CHECK_FALSE(nat.inward(server, 500, world_start));
}

TEST_CASE("NAT model: a silent flow is forgotten, and gets another port") {
    Nat nat(a);
    nat.timeout = seconds(30);
    const Endpoint seen = nat.outward(hidden, server, world_start);
    CHECK(nat.inward(server, seen.port, world_start + seconds(29)) == hidden);
    CHECK(nat.inward(server, seen.port, world_start + seconds(58)) == hidden);
    CHECK_FALSE(nat.inward(server, seen.port, world_start + seconds(88)));
    CHECK(nat.outward(hidden, server, world_start + seconds(88)) != seen);
}

TEST_CASE("NAT model: a restart forgets all flows; what is forwarded stays") {
    Nat nat(a);
    nat.forward(4500, {hidden.address, 4500});
    const Endpoint seen = nat.outward(hidden, server, world_start);
    nat.restart();
    CHECK_FALSE(nat.inward(server, seen.port, world_start));
    CHECK(nat.outward(hidden, server, world_start).port != seen.port);
    CHECK(nat.inward(server, 4500, world_start) == Endpoint{hidden.address, 4500});
    CHECK(nat.outward({hidden.address, 4500}, server, world_start).port == 4500);
    nat.restart(address("198.51.100.9"));
    CHECK(nat.outward(hidden, server, world_start).address == address("198.51.100.9"));
}
