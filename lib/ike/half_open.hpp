// How many unfinished negotiations each address began with us.
#pragma once

#include <cstddef>
#include <map>

#include "base/ip_address.hpp"

namespace xfrmd::ike {

/// Counts calls by who can be told apart: an IPv4 address, or an IPv6 /64, which is what one host
/// or one site is given and can use at will.
class HalfOpenCalls {
  public:
    void add(const IpAddress& caller);
    void remove(const IpAddress& caller);
    std::size_t of(const IpAddress& caller) const;
    std::size_t total() const { return total_; }

  private:
    std::map<IpAddress, std::size_t> by_prefix_;
    std::size_t total_ = 0;
};

}  // namespace xfrmd::ike
