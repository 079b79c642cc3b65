// The fragments of one message until all are there (RFC 7383 section 2.6).
//
// Only authentic fragments get here. What a peer may keep us from forgetting is bounded: in number,
// in octets, in time, and for callers who have not proved who they are also in sum.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "wire/encrypted_fragment_payload.hpp"

namespace xfrmd::ike {

/// What all half-open IKE SAs together keep in fragments. Anybody with an address can make one.
class FragmentBudget {
  public:
    /// With the most half-open IKE SAs that the configuration allows by default that is 1.6 KiB for
    /// each; honest negotiations are few at a time, and theirs is over within a round trip.
    static constexpr std::size_t most_octets = std::size_t{16} << 20;

    /// False if that much is not left.
    bool take(std::size_t octets);
    void give_back(std::size_t octets) { held_ -= octets; }
    std::size_t held() const { return held_; }

  private:
    std::size_t held_ = 0;
};

/// Which message is put together, and how much of it is kept.
struct ReassemblyTerms {
    MessageId id;
    std::uint16_t total = 1;
    Instant begun;
    std::size_t most_octets = 0;
    FragmentBudget* budget = nullptr;  ///< who else pays; null: nobody. Outlives the reassembly.
};

class Reassembly {
  public:
    /// 64 KiB in the 1280 octets of an IPv6 packet are 54.
    static constexpr std::size_t max_fragments = 64;
    /// An Encrypted payload cannot be longer than that.
    static constexpr std::size_t max_octets = 65535;
    /// For a caller who has not proved who he is: IKE_AUTH with a chain of large certificates.
    static constexpr std::size_t max_half_open_octets = std::size_t{32} << 10;
    /// Counted from the first fragment. The peer's retransmissions within it fill gaps.
    static constexpr std::chrono::seconds lifetime{30};

    explicit Reassembly(const ReassemblyTerms& terms);
    ~Reassembly();
    Reassembly(const Reassembly&) = delete;
    Reassembly& operator=(const Reassembly&) = delete;

    /// What the numbers of a fragment say, before it is known to be authentic.
    enum class Verdict : std::uint8_t {
        wanted,   ///< it fills a gap
        surplus,  ///< it is there already, or of a larger cut than the one that is kept
        anew,     ///< of another message or of a finer cut: it takes the place of all that is kept
    };
    Verdict judge(MessageId id, const wire::EncryptedFragmentPayload& fragment) const;

    /// A fragment that the peer sent.
    struct Authentic {
        std::uint16_t number = 1;
        wire::PayloadType first_inner = wire::PayloadType::none;
        ByteView plain;  ///< without padding
        std::uint64_t datagram_fingerprint = 0;
        std::size_t datagram_size = 0;
    };
    /// Keeps one that is wanted. False if that would be more than may be kept.
    bool keep(const Authentic& fragment);

    bool is_complete() const { return kept_ == parts_.size(); }
    bool is_over(Instant now) const { return now >= terms_.begun + lifetime; }
    Instant over_at() const { return terms_.begun + lifetime; }
    std::size_t octets() const { return octets_; }

    /// What all of them say together; it has to be complete.
    struct Whole {
        wire::PayloadType first = wire::PayloadType::none;
        Bytes payloads;
        std::uint64_t first_fingerprint = 0;
        std::size_t first_size = 0;
    };
    Whole join() const;

  private:
    /// A fragment's place. An empty fragment is one too, so "is it there" is not its size.
    struct Place {
        bool filled = false;
        Bytes plain;
    };

    ReassemblyTerms terms_;
    std::vector<Place> parts_;
    std::size_t kept_ = 0;
    std::size_t octets_ = 0;
    wire::PayloadType first_ = wire::PayloadType::none;
    std::uint64_t first_fingerprint_ = 0;
    std::size_t first_size_ = 0;
};

}  // namespace xfrmd::ike
