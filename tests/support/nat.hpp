// A NAT: what is behind it shares one outer address, each flow with a port of its own.
//
// A flow is an inner and an outer end. Its first datagram outward gives it a port; what comes in
// for that port from anybody else is dropped, as it is when the flow was silent for `timeout`.
// Ports are given in order, so equal runs see equal ports.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/ip_address.hpp"
#include "base/time.hpp"

namespace xfrmd::test {

class Nat {
  public:
    explicit Nat(const IpAddress& outer) : outer_(outer) {}

    /// Silence after which a flow is forgotten; as short as home routers have it.
    Duration timeout = std::chrono::seconds(60);

    const IpAddress& outer() const { return outer_; }
    void put_behind(const IpAddress& inner) { inner_.insert(inner); }
    bool has_behind(const IpAddress& address) const { return inner_.contains(address); }
    /// Whatever comes for a port goes to that end, and what that end sends leaves from the port.
    void forward(std::uint16_t port, const Endpoint& inner) { forwards_[port] = inner; }

    /// Forgets all flows; they get other ports than before.
    void restart();
    /// The same, and it comes back with another outer address.
    void restart(const IpAddress& outer);

    /// What a datagram outward seems to come from.
    Endpoint outward(const Endpoint& inner, const Endpoint& destination, Instant now);
    /// Whom a datagram for the outer address is for; nothing: it is dropped.
    std::optional<Endpoint> inward(const Endpoint& source, std::uint16_t port, Instant now);

  private:
    struct Flow {
        std::uint16_t port = 0;
        Instant last_used;
    };
    using Ends = std::pair<Endpoint, Endpoint>;  ///< inner, outer

    std::uint16_t port_for(const Endpoint& inner);

    IpAddress outer_;
    std::set<IpAddress> inner_;
    std::map<std::uint16_t, Endpoint> forwards_;
    std::map<Ends, Flow> flows_;
    std::uint16_t next_port_ = 20000;
};

}  // namespace xfrmd::test
