// Gateways in one process, in virtual time: engines over fake kernels, a network between them.
//
// A test builds two gateways, starts one, and lets time run; or it holds the datagrams and delivers
// them one by one (letter.hpp). Time goes from event to event: a datagram arrives, a timer of an
// engine is due, something that the test put on the agenda.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/clock_text.hpp"
#include "support/gateway.hpp"
#include "support/letter.hpp"
#include "support/network.hpp"
#include "support/tunnel_spec.hpp"
#include "support/user_traffic.hpp"

namespace xfrmd::test {

class World {
  public:
    explicit World(std::uint64_t seed = 1);
    /// With OpenSSL's algorithms as they are loaded already: loading them takes as long as a minute
    /// of two gateways' lives.
    World(std::uint64_t seed, std::shared_ptr<const crypto::Library> library);

    /// A gateway that has `address` on the device eth0.
    Gateway& add(std::string name, const std::string& address, ike::EngineOptions options = {});
    const std::vector<std::unique_ptr<Gateway>>& gateways() const { return gateways_; }
    const crypto::Library& library() const { return *library_; }

    // ---- Time ----

    ike::Now now() const { return {now_, WallTime(std::chrono::seconds(1'800'000'000))}; }
    /// Lets that much time pass, with all that happens in it.
    void run_for(Duration duration);
    /// Runs until the condition holds; false if it does not within `limit`.
    bool run_until(const std::function<bool()>& condition,
                   Duration limit = std::chrono::seconds(100));
    /// Delivers the datagram that arrives next, whatever the time; false if none is on its way.
    bool step();
    /// Does something when that much time has passed.
    void after(Duration delay, std::function<void()> action);
    /// Called after every event while time runs.
    std::function<void()> after_each_event;

    // ---- The network ----

    Network network;
    /// Called for each datagram as it leaves; false loses it. It may be changed.
    std::function<bool(ike::Transmit&)> filter;
    /// What left, in order, with the time of departure: the last `traffic_limit` at least.
    std::vector<Flight> traffic;
    std::size_t traffic_limit = std::numeric_limits<std::size_t>::max() / 2;

    // ---- Datagram by datagram ----

    /// From now on datagrams wait for deliver() or drop(): everybody's, or those of one.
    void hold() { holds_all_ = true; }
    void hold(const Gateway& sender) { held_senders_.push_back(&sender); }
    /// The datagrams that wait, in the order of departure.
    const std::vector<Letter>& in_flight();
    /// One line for each of them.
    std::string in_flight_text();
    /// Delivers the one that is meant, at once; false if there is none.
    bool deliver(const Pick& pick);
    /// Loses it; false if there is none.
    bool drop(const Pick& pick);
    /// All that wait go on their way, and none is held any more.
    void release_all();

    // ---- User traffic ----

    /// Sends a packet from behind `from` to behind `to`, now; see leave(). A network that is cut
    /// loses it, else ESP is neither delayed nor lost: what is missing is the tunnel's fault.
    PacketFate send(Gateway& from, Gateway& to, const Packet& packet,
                    std::string_view interface = {});
    /// Sends a packet at once and then again and again, as long as time runs.
    Ping& ping(Gateway& from, Gateway& to, const Packet& packet, Duration every,
               std::string interface = {});

    // ---- Accidents ----

    /// The engine dies without a word and the kernel goes on (kill -9); back after `downtime`.
    void kill(Gateway& gateway, Duration downtime);
    /// Engine and kernel are gone (power); back after `downtime`.
    void reboot(Gateway& gateway, Duration downtime);

  private:
    void collect();
    void dispatch(Gateway& sender, ike::Transmit datagram);
    void record(const ike::Transmit& datagram);
    void deliver(ike::Transmit datagram);
    PacketFate carry(Gateway& to, const xfrm::InstallSa& sent, const Packet& packet);
    void tell_mapping(Gateway& to, EspSpi spi, const Endpoint& source);
    bool holds(const Gateway& sender) const;
    std::optional<Instant> next_event() const;
    void advance_to(Instant at);

    std::uint64_t seed_;
    std::shared_ptr<const crypto::Library> library_;
    Instant now_ = world_start;
    std::vector<std::unique_ptr<Gateway>> gateways_;
    std::multimap<Instant, std::function<void()>> agenda_;
    std::vector<std::unique_ptr<Ping>> pings_;
    std::vector<Letter> letters_;
    std::vector<const Gateway*> held_senders_;
    bool holds_all_ = false;
};

/// Two gateways, west (192.0.2.1) and east (192.0.2.2), with the two ends of one tunnel. They log
/// their keys, so that tests can look into messages.
struct Pair {
    explicit Pair(const config::Phase1& west_phase1, const config::Phase1& east_phase1,
                  std::uint64_t seed = 1);
    explicit Pair(const TunnelSpec& spec = {});

    /// West starts; true if both ends then have the Child SA with equal keys.
    bool connect();
    bool is_up();

    World world;
    Gateway& west;
    Gateway& east;
};

}  // namespace xfrmd::test
