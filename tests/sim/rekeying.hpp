// Two gateways with a tunnel that is up, for tests of what happens to its SAs.
#pragma once

#include "sim/scenario.hpp"
#include "support/invariants.hpp"

namespace xfrmd::test {

/// Like Pair, and connected; with words for rekeys and for what must be true after them.
struct Rekeying : Pair {
    explicit Rekeying(std::uint64_t seed = 1, const TunnelSpec& spec = {});
    Rekeying(std::uint64_t seed, const config::Phase1& west_phase1,
             const config::Phase1& east_phase1);

    /// The gateway wants a successor for its Child SA, or for its IKE SA, now.
    void rekey_child(Gateway& gateway);
    void rekey_ike_sa(Gateway& gateway);
    /// The gateway deletes its newest Child SA, its oldest, or its IKE SA, now.
    void delete_child(Gateway& gateway);
    void delete_oldest_child(Gateway& gateway);
    void delete_ike_sa(Gateway& gateway);

    /// Packets both ways from now on, and how many of them were lost until now.
    void ping(Duration every = std::chrono::milliseconds(5));
    std::uint64_t lost() const;
    void stop_pings();

    /// Our SPIs at west of the newest Child SA and IKE SA that are not on their way out.
    EspSpi west_child();
    IkeSpi west_ike_sa();

    /// After the stragglers' grace: one IKE SA and one Child SA at each end, equal keys, and the
    /// kernels hold that pair alone; traffic passes both ways.
    bool has_one_child();

  private:
    std::vector<Ping*> pings_;
};

}  // namespace xfrmd::test
