// How many unfinished negotiations each address began with us.
#pragma once

#include <cstddef>
#include <map>

#include "base/ip_address.hpp"
#include "base/time.hpp"

namespace xfrmd::ike {

/// Who can be told apart: an IPv4 address itself; of an IPv6 address the first one of its /64,
/// which is what one host or one site is given and can use at will.
IpAddress caller_prefix(const IpAddress& address);

/// Counts calls by caller_prefix(). A call that failed holds its place as long as a silent one
/// would have: whoever fails at once is not to have more key exchanges for it.
class HalfOpenCalls {
  public:
    void add(const IpAddress& caller);
    /// The negotiation came to its end.
    void remove(const IpAddress& caller);
    /// The negotiation failed: it counts until then.
    void remove_later(const IpAddress& caller, Instant at);
    /// Takes those away whose time is over.
    void expire(Instant now);

    std::size_t of(const IpAddress& caller) const;
    /// Of a whole IPv6 /48, which may be a single customer; 0 for IPv4.
    std::size_t of_site(const IpAddress& caller) const;
    std::size_t total() const { return total_; }

  private:
    using Counts = std::map<IpAddress, std::size_t>;

    Counts by_prefix_;
    Counts by_site_;
    std::multimap<Instant, IpAddress> failed_;  ///< by when they no longer count
    std::size_t total_ = 0;
};

}  // namespace xfrmd::ike
