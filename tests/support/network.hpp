// What lies between gateways: it delays, loses, doubles and overtakes datagrams, may be cut, and
// may have NATs.
//
// All chances come from one seed: equal seeds and equal datagrams give equal arrivals.
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ike/input_output.hpp"
#include "support/nat.hpp"
#include "support/seeded_random.hpp"

namespace xfrmd::test {

/// A datagram with a time: of its arrival while it is on its way, of its departure in a record.
struct Flight {
    Instant arrives;
    ike::Transmit datagram;
};

/// How good one direction between two addresses is.
struct Link {
    Duration delay = std::chrono::milliseconds(10);
    Duration jitter{};         ///< up to this much is added, so that datagrams overtake each other
    unsigned loss = 0;         ///< percent of datagrams
    unsigned duplication = 0;  ///< percent; the second one has a delay of its own
    /// Octets of the largest IP packet; larger ones are lost, as where IP fragments are dropped.
    std::size_t mtu = std::numeric_limits<std::size_t>::max();
};

class Network {
  public:
    explicit Network(std::uint64_t seed) : random_(seed) {}

    /// For all directions that have no link of their own.
    Link usual;
    void set_link(const IpAddress& from, const IpAddress& to, Link link) {
        links_[{from, to}] = link;
    }

    /// Nothing that leaves from one to the other, either way, arrives until then or until healed.
    /// What is on its way already does.
    void cut(const IpAddress& a, const IpAddress& b, Instant until = Instant::max());
    void cut_one_way(const IpAddress& from, const IpAddress& to, Instant until = Instant::max());
    void heal(const IpAddress& a, const IpAddress& b);
    bool is_cut(const IpAddress& from, const IpAddress& to, Instant now) const;

    /// A NAT with this outer address, with nobody behind it yet.
    Nat& add_nat(const std::string& outer);
    /// What the sender's NAT does to a datagram, to its source; each datagram passes here once.
    void leave(ike::Transmit& datagram, Instant now);
    /// What the receiver's NAT does to it, to its destination; false if it goes no further.
    bool reach(ike::Transmit& datagram, Instant now);
    bool has_nats() const { return !nats_.empty(); }

    void send(ike::Transmit datagram, Instant now);
    bool empty() const { return flights_.empty(); }
    std::optional<Instant> next_arrival() const;
    /// Takes the datagram that arrives next; there must be one.
    Flight take_next();

  private:
    using Way = std::pair<IpAddress, IpAddress>;

    bool happens(unsigned percent) { return percent != 0 && random_.below(100) < percent; }
    Instant arrival(const Link& link, Instant now);

    SeededRandom random_;
    std::vector<std::unique_ptr<Nat>> nats_;
    std::map<Way, Link> links_;
    std::map<Way, Instant> cuts_;
    std::multimap<Instant, ike::Transmit> flights_;  ///< equal times: in the order of departure
};

}  // namespace xfrmd::test
