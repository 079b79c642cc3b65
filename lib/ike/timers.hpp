// Every timer of the protocol, on one page.
//
// A timer belongs to an owner (an IKE SA by its local SPI, a tunnel or a Child SA by its number)
// and has one meaning. Arming it again moves it; an expiry that nobody waits for does nothing.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/time.hpp"

namespace xfrmd::ike {

enum class Timer : std::uint8_t {
    retransmit,         ///< IKE SA: our request is unanswered; send it again or give up
    negotiate_timeout,  ///< IKE SA: IKE_SA_INIT and IKE_AUTH took too long, whichever our role
    ike_rekey,          ///< IKE SA: keylife is nearly over; or a rekey is to be tried again
    ike_expire,         ///< IKE SA: keylife is over
    ike_orphan,         ///< IKE SA: rekeyed, and the peer has not deleted it
    liveness,           ///< IKE SA: look whether the peer has been heard (DPD)
    reassembly,         ///< IKE SA: fragments of a message whose others never came are forgotten
    nat_keepalive,      ///< IKE SA: our NAT has seen nothing of us for a while
    child_rekey,        ///< Child SA: keylife is nearly over; or a rekey is to be tried again
    child_expire,       ///< Child SA: keylife is over
    retired_sa,         ///< inbound SA: packets on their way to it had time enough to arrive
    auto_negotiate,     ///< tunnel: look whether something that should be up is down
    give_up_acquire,    ///< phase 2, by its reqid: the kernel waits for an SA that does not come
    surplus,            ///< IKE SA: look whether both ends made the same SAs
    kernel_audit,       ///< engine: compare the kernel's state with ours
    doors_report,       ///< engine: callers were refused, which is told once in a while
    stop,               ///< engine: peers had time enough to answer our DELETEs
};

/// When a request goes out, counted from its first transmission: the same octets five times, and
/// nothing after them (FortiOS's schedule, which is not configurable). A request that is large goes
/// out in smaller fragments from the fourth time on (fragmentation.hpp).
inline constexpr std::array<std::chrono::seconds, 5> transmissions{
    std::chrono::seconds{0}, std::chrono::seconds{3}, std::chrono::seconds{9},
    std::chrono::seconds{21}, std::chrono::seconds{45}};
/// When an unanswered request means that the peer is dead.
inline constexpr std::chrono::seconds retransmission_ceiling{93};
/// How often a tunnel that should be up looks after itself.
inline constexpr std::chrono::seconds auto_negotiate_interval{5};
/// When a rekey that failed, or that the peer put off (TEMPORARY_FAILURE), is tried again.
inline constexpr std::chrono::seconds rekey_retry_interval{5};
/// Spread of what both ends would else do at the same moment, again and again.
inline constexpr std::chrono::seconds rekey_jitter{3};
/// How long a rekeyed IKE SA waits for its peer's DELETE: the peer's retransmissions are over.
inline constexpr std::chrono::seconds orphan_lifetime{100};
/// How long a retired inbound SA waits for the answer to its DELETE: the same.
inline constexpr std::chrono::seconds unanswered_retirement{100};
/// Both ends have heard all of two SAs for one purpose before one of them is ended.
inline constexpr std::chrono::seconds surplus_grace{3};
/// Packets that were on their way when the peer switched to another SA have arrived by then.
inline constexpr std::chrono::seconds retired_sa_grace{5};
/// How long the kernel goes on waiting for an SA that could not be had; the next packet then asks
/// again. At once would make every packet of a busy host an attempt.
inline constexpr std::chrono::seconds acquire_grace{1};
/// How long a stopping engine waits for answers to its DELETEs: one retransmission included.
inline constexpr std::chrono::seconds stop_grace{4};

/// Who a timer belongs to and what it means.
struct TimerKey {
    Timer timer{};
    std::uint64_t owner = 0;

    friend auto operator<=>(const TimerKey&, const TimerKey&) = default;
};

/// The armed timers in the order of their times. Arming, moving, cancelling and taking the next one
/// cost O(log n) of the armed timers.
class Timers {
  public:
    void arm(TimerKey key, Instant at);
    void cancel(TimerKey key);
    bool is_armed(TimerKey key) const { return times_.contains(key); }
    /// When it is due; nothing unless it is armed.
    std::optional<Instant> due(TimerKey key) const {
        const auto found = times_.find(key);
        return found == times_.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<Instant> next() const;
    /// Takes the earliest timer that is due at `now`.
    std::optional<TimerKey> take_due(Instant now);
    std::size_t size() const { return times_.size(); }

  private:
    struct Hash {
        std::size_t operator()(const TimerKey& key) const noexcept {
            return std::hash<std::uint64_t>{}(key.owner * 16 +
                                              static_cast<std::uint64_t>(key.timer));
        }
    };
    struct Entry {
        Instant at;
        TimerKey key;
        friend auto operator<=>(const Entry&, const Entry&) = default;
    };

    std::set<Entry> order_;
    std::unordered_map<TimerKey, Instant, Hash> times_;
};

}  // namespace xfrmd::ike
