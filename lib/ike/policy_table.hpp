// Which policies in the kernel are ours, and how many Child SAs stand on each.
//
// Two Child SAs of one phase 2 live side by side for a while (both ends started at once, a rekey)
// and share their policies; the last one out removes them. Two different phase 2, or two peers of
// one dial-up server, must never share one: the second would take the first one's traffic.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "ike/number_pool.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

/// Whose traffic a policy leads where.
struct PolicyOwner {
    Reqid reqid;
    IpAddress peer;

    friend bool operator==(const PolicyOwner&, const PolicyOwner&) = default;
};

class PolicyTable {
  public:
    /// Takes a share in the policies for `selectors`, given as the outbound ones. Refused as a
    /// whole if one of them belongs to somebody else, who is returned.
    std::optional<PolicyOwner> claim(std::span<const xfrm::Selector> selectors, IfId if_id,
                                     const PolicyOwner& owner);

    /// Gives the shares back; returns the selectors that nobody needs any more.
    std::vector<xfrm::Selector> release(std::span<const xfrm::Selector> selectors, IfId if_id);

    /// The index for a claimed selector's policy in a direction, from our own range.
    PolicyIndex index(const xfrm::Selector& selector, IfId if_id, xfrm::Direction direction) const;

    /// True if a claimed selector has policies in the kernel that were claimed before.
    bool is_shared(const xfrm::Selector& selector, IfId if_id) const;

    std::size_t size() const { return entries_.size(); }

  private:
    struct Key {
        xfrm::Selector selector;
        IfId if_id;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    struct Entry {
        std::uint32_t number = 0;  ///< 0: the range was used up, the kernel chooses
        std::uint32_t shares = 0;
        PolicyOwner owner;
    };

    /// An index is prefix (8 bits), number (21 bits), direction (3 bits).
    static constexpr std::uint32_t highest_number = (1U << 21) - 1;

    std::map<Key, Entry> entries_;
    NumberPool numbers_{highest_number};
};

}  // namespace xfrmd::ike
