// What one peer may cost: an authenticated one is known, not trusted. What is over a limit is not
// done, and nobody else's tunnel feels it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"
#include "config/model.hpp"

namespace xfrmd::ike {

/// So many at once, then one in each interval.
struct Allowance {
    std::uint32_t burst = 0;
    Duration interval{};
};

namespace allowance {

/// Requests of the peer's under one IKE SA. A busy one sends some hundred when it comes up, one for
/// each phase 2, and a few a minute from then on. 16 a second with the slowest key exchanges
/// (4096 bits: 10 ms) are a sixth of a core. What is over it is dropped before any cryptography,
/// and comes again.
inline constexpr Allowance requests{256, std::chrono::microseconds(62'500)};
/// Stored responses that go out once more: whoever has seen a request can send it again. A peer
/// that hears nothing asks four times, 3 s apart at the least.
inline constexpr Allowance repeats{64, std::chrono::microseconds(62'500)};
/// IKE_AUTH requests that are not authentic, while one is waited for. They cost a decryption and no
/// key exchange; but whoever has seen the SPIs can send them without end.
inline constexpr Allowance forgeries{16, std::chrono::microseconds(250'000)};
/// New keys for the IKE SA. Each leaves an IKE SA behind that waits for the peer's DELETE
/// (orphan_lifetime): about 50 of them at most.
inline constexpr Allowance ike_rekeys{32, std::chrono::seconds(5)};

}  // namespace allowance

/// A token bucket in one number.
class UseOf {
  public:
    bool is_spent(const Allowance& allowance, Instant now) const {
        return full_at_ > now + allowance.interval * (allowance.burst - 1);
    }
    void take(const Allowance& allowance, Instant now) {
        full_at_ = std::max(full_at_, now) + allowance.interval;
    }
    /// True if it was allowed; it is taken then.
    bool try_take(const Allowance& allowance, Instant now) {
        if (is_spent(allowance, now)) return false;
        take(allowance, now);
        return true;
    }

    /// Nothing of it is in use: it is as good as a new one.
    bool is_unused(Instant now) const { return full_at_ <= now; }

  private:
    Instant full_at_;  ///< when nothing of it will be used any more
};

/// What the peer of an IKE SA has used; its successor goes on counting.
struct PeerUse {
    UseOf requests;
    UseOf repeats;
    UseOf forgeries;
    UseOf ike_rekeys;
};

/// IKE SAs that one peer may have at a time. Two are normal for a while: both ends began, or one is
/// to replace the other; more are a peer that has lost its memory again and again.
inline constexpr std::size_t most_ike_sas_of_peer = 8;
/// Peers of a dial-up server with one address: an office, or a provider's NAT.
inline constexpr std::size_t most_peers_at_address = 1024;
/// IKE SAs of a dial-up server: whoever has its pre-shared key can have any number of names. Twice
/// what xfrmd is measured with.
inline constexpr std::size_t most_ike_sas_of_dial_up = 20'000;

/// Child SAs that one IKE SA may have, predecessors on their way out included: each costs the
/// kernel memory, and a peer may ask for them without end. One and its successor for each phase 2,
/// and more for dial-up peers that have several networks behind them.
inline std::size_t most_children(const config::Phase1& phase1) {
    constexpr std::size_t spare = 64;
    return 2 * phase1.phase2s.size() + spare;
}

}  // namespace xfrmd::ike
