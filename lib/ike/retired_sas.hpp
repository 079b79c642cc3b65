// Inbound SAs whose Child SA is gone, kept for the packets that were on their way.
//
// After a rekey the peer may have sent packets with the old SA until the moment it switched. Those
// are still taken for a short while. The IKE SA may be gone before that is over.
#pragma once

#include <map>
#include <vector>

#include "base/strong.hpp"
#include "base/time.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

struct EngineContext;

/// An SA on its way out, with what of its traffic is in its phase 2's sums already.
struct BookedSa {
    xfrm::DeleteSa sa;
    bool inbound = false;
    std::uint64_t packets = 0, bytes = 0;
};

/// Reads the SA a last time and takes it out of the kernel.
void remove_counted(const xfrm::DeleteSa& sa, std::vector<xfrm::Operation>& operations);

struct RetiredSa {
    BookedSa booked;
    /// What its packets pass and the policy table keeps for it; outbound. None, unless a device has
    /// them.
    std::vector<xfrm::Selector> policies{};
    IfId if_id{};
};

class RetiredSas {
  public:
    /// Deletes the SA after a time; its SPI is not used again before that. From now on no IKE SA
    /// owns the SPI.
    void retire(RetiredSa retired, Duration time, EngineContext& context);
    /// The peer is known to have switched: what is left is the grace.
    void hasten(EspSpi spi_in, EngineContext& context);
    bool contains(EspSpi spi_in) const { return sas_.contains(spi_in); }
    std::vector<xfrm::DeleteSa> all() const;

    /// Timer::retired_sa.
    void on_timer(EspSpi spi_in, EngineContext& context);
    /// Deletes all of them at once.
    void flush(EngineContext& context);

  private:
    std::map<EspSpi, RetiredSa> sas_;
};

}  // namespace xfrmd::ike
