// What simulations have in common: the suites, the exchanges by name, questions to two gateways.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "sim/wiretap.hpp"
#include "support/world.hpp"

namespace xfrmd::test {

/// A packet through the first phase 2 of the tunnel, west to east, and its answer.
inline const Packet there{*IpAddress::from_text("10.1.0.5"), *IpAddress::from_text("10.2.0.9")};
inline const Packet back{there.destination, there.source};

/// A suite of both phases as the configuration spells it, with a group.
struct NamedSuite {
    const char* name;
    TunnelSpec spec;
};

/// aes128gcm-prfsha256/31, aes256-sha256/14, chacha20poly1305-prfsha256/20, aes256gcm-prfsha384/21.
std::vector<NamedSuite> four_suites();

/// West's end of a tunnel with `count` phase 2s, 10.1.n.0/24 <-> 10.2.n.0/24, all alike else.
config::Phase1 with_phase2s(const TunnelSpec& spec, int count);
/// The same at east's end.
config::Phase1 mirrored(config::Phase1 west, const TunnelSpec& spec);

/// The kernel's ACQUIRE for a packet 10.1.0.5 -> 10.2.0.9 at west's end, of the phase 2 that is the
/// `nth` of all that were configured (1: the first).
xfrm::Acquire acquire(std::uint32_t nth, std::uint32_t sequence);

/// When first messages with a new SPI left a gateway, counted from `start`.
std::vector<Duration> new_calls(const World& world, const Gateway& from, Instant start);

/// Replies of this gateway that the network has not taken yet.
std::vector<Bytes> take_sent(Gateway& gateway);

wire::Header header_of(const ike::Transmit& datagram);
bool is(const ike::Transmit& datagram, wire::ExchangeType exchange, bool response);

/// Gives a gateway a datagram as if it came from the other one of a pair.
void give(Pair& pair, Gateway& to, Bytes octets);

/// When datagrams of a kind left, counted from the first of them.
std::vector<Duration> departures(const World& world, wire::ExchangeType exchange, bool response);

/// Packets between 10.1.0.5 and 10.2.0.9 get through, in both directions.
bool passes_both_ways(Pair& pair);

/// Both engines hold no IKE SA, both kernels no SA and no policy but those of tunnels that are
/// down.
bool nothing_is_left(Pair& pair);

/// The message of the first event with this reason; empty if there is none.
std::string message_of(const Gateway& gateway, ike::Reason reason);

}  // namespace xfrmd::test
