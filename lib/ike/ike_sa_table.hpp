// All IKE SAs of this gateway, found by our SPI, and those that others began, found by their call.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "ike/half_open.hpp"
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
    /// True if the first message has led to an IKE SA that is established by now: it took a long
    /// way, or somebody sends it once more.
    bool is_answered(const Endpoint& caller, IkeSpi spi_i, ByteView first_message) const;

    /// To be called after an IKE SA has changed. A dead one leaves the table and is returned.
    std::unique_ptr<IkeSa> settle(IkeSpi own_spi);

    std::size_t size() const { return sas_.size(); }
    /// In negotiation, whoever began.
    std::size_t half_open() const { return half_open_.size(); }
    /// Those in negotiation that others began, and for a while those that failed.
    const HalfOpenCalls& calls() const { return unfinished_calls_; }
    /// Those that failed so long ago are not counted any more.
    void expire_calls(Instant now) { unfinished_calls_.expire(now); }
    /// Our SPIs of all IKE SAs.
    std::vector<IkeSpi> all() const;

  private:
    struct Call {
        Endpoint caller;
        IkeSpi spi_i;
        friend auto operator<=>(const Call&, const Call&) = default;
    };
    struct Entry {
        std::unique_ptr<IkeSa> sa;
        Endpoint caller;  ///< as it called; it may go on from elsewhere
        /// Of the first message that it began with; 0: it did not begin with one of the peer's.
        std::uint64_t fingerprint = 0;
    };

    const Entry* find_entry(const Call& call) const;
    void forget_call(const Entry& entry);
    void finish_call(const Entry& entry);

    std::unordered_map<IkeSpi, Entry> sas_;
    std::unordered_set<IkeSpi> half_open_;
    /// Our SPI of what each call has led to, as long as that lives.
    std::map<Call, IkeSpi> calls_;
    HalfOpenCalls unfinished_calls_;
};

}  // namespace xfrmd::ike
