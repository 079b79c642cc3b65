// Gateways in one process, in virtual time: engines over fake kernels, a network between them.
//
// A test builds two gateways, starts one, and lets time run; or moves one datagram at a time. A
// filter sees every datagram on its way and may lose, change or keep it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ike/engine.hpp"
#include "support/fake_kernel.hpp"
#include "support/seeded_random.hpp"

namespace xfrmd::test {

/// A configuration of one tunnel with one phase 2, as tests want it: aes128gcm and group 31, a
/// pre-shared key, from `local` to `remote`, 10.1.0.0/24 <-> 10.2.0.0/24. Change what matters.
struct TunnelSpec {
    std::string name = "tunnel";
    std::string local = "192.0.2.1";
    std::string remote = "192.0.2.2";
    std::string psk = "correct horse battery staple";
    std::vector<config::IkeProposal> ike = {{{wire::EncryptionId::aes_gcm_16, 128},
                                             wire::IntegrityId::none,
                                             wire::PrfId::hmac_sha2_256}};
    std::vector<wire::KeyExchangeMethod> groups = {wire::KeyExchangeMethod::curve25519};
    std::vector<config::EspProposal> esp = {
        {{wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none}};
    std::vector<std::string> local_subnets = {"10.1.0.0/24"};
    std::vector<std::string> remote_subnets = {"10.2.0.0/24"};
    bool auto_negotiate = false;
    bool route_based = false;

    /// The other end's view of the same tunnel.
    TunnelSpec mirrored() const;
    /// As the configuration has it; tests may change the copy.
    config::Phase1 phase1() const;
};

/// An identity as the configuration would read it: a fully qualified domain name.
config::Identity fqdn(std::string name);

/// One engine with its kernel. Kernel requests are answered at once, unless `kernel_waits`.
class Gateway {
  public:
    Gateway(std::string name, const crypto::Library& library, std::uint64_t seed,
            ike::EngineOptions options = {});

    void configure(std::vector<config::Phase1> phase1s, ike::Now now);
    void handle(ike::Input input, ike::Now now);

    /// Answers the kernel requests that wait.
    void answer_kernel(ike::Now now);

    const ike::Event* last_event(ike::EventKind kind) const;
    std::size_t count_events(ike::EventKind kind) const;
    /// The reason codes of all failures, in order.
    std::vector<ike::Reason> reasons() const;
    bool logged(std::string_view text) const;

    std::string name;
    FakeKernel kernel;
    std::vector<ike::Event> events;
    std::vector<ike::KeyLog> key_logs;
    std::deque<ike::Transmit> sent;  ///< not yet taken by the network
    bool kernel_waits = false;
    std::deque<ike::KernelRequest> waiting_requests;

    ike::Engine& engine() { return engine_; }

  private:
    SeededRandom random_;
    ike::Engine engine_;
};

/// A datagram on its way.
struct Flight {
    Instant arrives;
    ike::Transmit datagram;
};

class World {
  public:
    explicit World(std::uint64_t seed = 1) : seed_(seed) {}

    /// A gateway that has `address` on the device eth0.
    Gateway& add(std::string name, const std::string& address, ike::EngineOptions options = {});

    ike::Now now() const { return {now_, WallTime(std::chrono::seconds(1'800'000'000))}; }
    /// Lets time run until nothing is in flight and no timer is due for `quiet`, or until `done`.
    void run_for(Duration duration);
    /// Runs until the condition holds; false if it does not within `limit`.
    bool run_until(const std::function<bool()>& condition,
                   Duration limit = std::chrono::seconds(100));
    /// Delivers the datagram that arrives next, whatever the time; false if none is on its way.
    bool step();

    /// Called for each datagram as it leaves; false loses it. It may be changed.
    std::function<bool(ike::Transmit&)> filter;
    /// All that ever left, in order, with the time of departure.
    std::vector<Flight> traffic;
    Duration latency = std::chrono::milliseconds(10);
    const crypto::Library& library() const { return library_; }

  private:
    void collect();
    void deliver(const ike::Transmit& datagram);
    std::optional<Instant> next_event() const;
    void advance_to(Instant at);

    std::uint64_t seed_;
    crypto::Library library_;
    Instant now_{std::chrono::hours(1)};
    std::vector<std::unique_ptr<Gateway>> gateways_;
    std::vector<IpAddress> addresses_;
    std::deque<Flight> flights_;
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
