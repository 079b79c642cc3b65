// All IKE SAs of this gateway, found by our SPI, and those in negotiation, found by their caller.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike {

class IkeSaTable {
  public:
    /// A new SPI of ours: unpredictable, not zero, not in use.
    IkeSpi new_spi(Random& random) const;

    IkeSa& add(std::unique_ptr<IkeSa> sa);
    IkeSa* find(IkeSpi own_spi);
    /// The half-open IKE SA that a first message from `caller` with `spi_i` has led to before.
    IkeSa* find_call(const Endpoint& caller, IkeSpi spi_i);

    /// To be called after an IKE SA has changed. A dead one leaves the table and is returned.
    std::unique_ptr<IkeSa> settle(IkeSpi own_spi);

    std::size_t size() const { return sas_.size(); }
    std::size_t half_open() const { return half_open_.size(); }
    /// Our SPIs of all IKE SAs.
    std::vector<IkeSpi> all() const;

  private:
    struct Call {
        Endpoint caller;
        IkeSpi spi_i;
        friend auto operator<=>(const Call&, const Call&) = default;
    };

    std::unordered_map<IkeSpi, std::unique_ptr<IkeSa>> sas_;
    /// Half-open IKE SAs by our SPI; as responder with the call that made them.
    std::unordered_map<IkeSpi, Call> half_open_;
    std::map<Call, IkeSpi> calls_;
};

}  // namespace xfrmd::ike
