// Engines for benchmarks: hubs and spokes whose kernels say yes to everything, at hardly any cost.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "ike/engine.hpp"
#include "support/seeded_random.hpp"

namespace xfrmd::bench {

/// CPU time of this process until now.
double cpu_seconds();

/// The n-th address of `first_octet`.0.0.0/8, past the first.
IpAddress numbered_address(std::uint8_t first_octet, std::uint32_t n);

extern const IpAddress hub_address;
/// When the clocks of all nodes begin.
inline constexpr Instant start_time{std::chrono::hours(1)};

/// One end of the n-th tunnel between a hub and its spokes: aes128gcm-prfsha256, group 31, PFS.
config::Phase1 tunnel(const std::string& name, const IpAddress& remote, std::uint32_t number,
                      bool is_hub);

/// What a kernel would hold, by name alone.
struct Tables {
    std::set<std::pair<IpAddress, EspSpi>> sas;
    std::set<std::pair<xfrm::Direction, xfrm::Selector>> policies;

    void run(const xfrm::Operation& operation);
};

class Node {
  public:
    /// Its device eth0 has the addresses; the first is its own where none is configured.
    Node(const crypto::Library& library, std::uint64_t seed, std::vector<IpAddress> addresses);

    void configure(std::vector<std::shared_ptr<const config::Phase1>> phase1s);
    void feed(ike::Input input);
    /// Lets time pass, at no cost for what is due.
    void pass(Duration time);
    /// The time is `at`, and what is due is done.
    void wake(Instant at);
    std::optional<Instant> next_deadline() const { return engine_.next_deadline(); }

    std::vector<ike::Transmit> take_sent();
    /// CPU time that its engine has taken.
    double seconds() const { return seconds_; }
    const ike::Engine& engine() const { return engine_; }
    const Tables& tables() const { return tables_; }

  private:
    void take(ike::Output output);

    test::SeededRandom random_;
    ike::Engine engine_;
    ike::Now now_{start_time, {}};
    std::vector<ike::Transmit> sent_;
    Tables tables_;
    double seconds_ = 0;
};

/// Carries datagrams until there are none.
void exchange(Node& spoke, Node& hub);

}  // namespace xfrmd::bench
