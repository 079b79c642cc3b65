// How often each address makes us do a key exchange.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "base/ip_address.hpp"
#include "ike/peer_limits.hpp"

namespace xfrmd::ike {

/// A token bucket for each caller_prefix(). Those whose buckets are full again are forgotten, so
/// that the table holds the callers of the last seconds.
class CallRates {
  public:
    /// One in this time: 32 a second with the slowest group (4096 bits: 10 ms) are a third of a
    /// core.
    static constexpr std::chrono::milliseconds interval{31};
    /// The least that may come at once: a peer comes twice if it has to choose another group.
    static constexpr std::size_t least_burst = 16;
    /// Callers in the table, about 100 octets each. When there are more, all busy, whoever is new
    /// is not counted: so many addresses are not held up by limits for each of them.
    static constexpr std::size_t most = 4096;

    /// True if one more is allowed; it is taken then.
    bool try_take(const IpAddress& caller, std::size_t burst, Instant now);
    std::size_t size() const { return used_.size(); }

  private:
    void forget_idle(Instant now);

    std::map<IpAddress, UseOf> used_;
    Instant forgot_;  ///< when the table was last gone through
};

}  // namespace xfrmd::ike
