// What an IKE SA wants to ask its peer, and what it has asked.
//
// One request is outstanding at a time (RFC 7296 section 2.3); wishes wait for the window in the
// order of their urgency: the end of the IKE SA, the ends of Child SAs, then all else as it came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/strong.hpp"
#include "ike/reason.hpp"
#include "xfrm/event.hpp"

namespace xfrmd::ike {

/// Both halves of a Child SA, to be remembered when it is gone itself.
struct ChildSpis {
    EspSpi in;   ///< ours
    EspSpi out;  ///< the peer's
    friend bool operator==(const ChildSpis&, const ChildSpis&) = default;
};

/// The IKE SA shall end; its peer is told.
struct DeleteIkeSa {
    friend bool operator==(const DeleteIkeSa&, const DeleteIkeSa&) = default;
};

/// Child SAs are gone here; the peer is told.
struct DeleteChildren {
    std::vector<ChildSpis> children;
    friend bool operator==(const DeleteChildren&, const DeleteChildren&) = default;
};

/// A phase 2 shall have a Child SA.
struct CreateChild {
    std::size_t phase2 = 0;
    /// What the kernel asked for, if traffic is the reason.
    std::optional<xfrm::Acquire> acquire = std::nullopt;
    /// The peer takes one pair of addresses in a Child SA (SINGLE_PAIR_REQUIRED): offer no more.
    bool single_pair = false;
    friend bool operator==(const CreateChild& a, const CreateChild& b) {
        return a.phase2 == b.phase2;
    }
};

/// A Child SA shall have a successor.
struct RekeyChild {
    EspSpi spi_in;
    friend bool operator==(const RekeyChild&, const RekeyChild&) = default;
};

/// The IKE SA shall have a successor.
struct RekeyIkeSa {
    friend bool operator==(const RekeyIkeSa&, const RekeyIkeSa&) = default;
};

/// "Are you there?": an empty INFORMATIONAL (RFC 7296 section 2.4).
struct Probe {
    friend bool operator==(const Probe&, const Probe&) = default;
};

using Wish = std::variant<DeleteIkeSa, DeleteChildren, CreateChild, RekeyChild, RekeyIkeSa, Probe>;

class WishList {
  public:
    /// More wishes than an IKE SA with all its children can have are a fault of ours.
    static constexpr std::size_t most = 1024;

    /// Adds a wish unless the same one waits already; false if there are too many.
    bool add(Wish wish);
    /// The most urgent wish.
    std::optional<Wish> take();
    bool empty() const { return wishes_.empty(); }
    std::size_t size() const { return wishes_.size(); }
    bool contains(const Wish& wish) const;
    /// True if a Child SA with the peer's SPI waits for its DELETE to be sent.
    bool deletes_child(EspSpi spi_out) const;
    void clear() { wishes_.clear(); }
    /// Keeps those for which `keep` is true; it may change them, but for their urgency.
    template <class Keep>
    void retain(Keep keep) {
        std::erase_if(wishes_, [&keep](Wish& wish) { return !keep(wish); });
    }
    /// All of them, for a successor; the list is empty then.
    std::deque<Wish> take_all() { return std::exchange(wishes_, {}); }

  private:
    std::deque<Wish> wishes_;
};

}  // namespace xfrmd::ike
