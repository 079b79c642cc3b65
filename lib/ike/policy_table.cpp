#include "ike/policy_table.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace xfrmd::ike {

std::optional<PolicyOwner> PolicyTable::claim(std::span<const xfrm::Selector> selectors, IfId if_id,
                                              const PolicyOwner& owner) {
    for (const xfrm::Selector& selector : selectors) {
        const auto found = entries_.find({selector, if_id});
        if (found != entries_.end() && found->second.owner != owner) return found->second.owner;
    }
    for (const xfrm::Selector& selector : selectors) {
        auto [place, is_new] = entries_.try_emplace({selector, if_id});
        Entry& entry = place->second;
        if (is_new) entry = {numbers_.take().value_or(0), 0, owner};
        ++entry.shares;
    }
    return std::nullopt;
}

std::vector<xfrm::Selector> PolicyTable::release(std::span<const xfrm::Selector> selectors,
                                                 IfId if_id) {
    std::vector<xfrm::Selector> unused;
    for (const xfrm::Selector& selector : selectors) {
        const auto found = entries_.find({selector, if_id});
        XFRMD_ASSERT(found != entries_.end());
        if (--found->second.shares > 0) continue;
        if (found->second.number != 0) numbers_.give_back(found->second.number);
        entries_.erase(found);
        unused.push_back(selector);
    }
    return unused;
}

bool PolicyTable::is_shared(const xfrm::Selector& selector, IfId if_id) const {
    const auto found = entries_.find({selector, if_id});
    return found != entries_.end() && found->second.shares > 1;
}

PolicyIndex PolicyTable::index(const xfrm::Selector& selector, IfId if_id,
                               xfrm::Direction direction) const {
    const auto found = entries_.find({selector, if_id});
    XFRMD_ASSERT(found != entries_.end());
    if (found->second.number == 0) return PolicyIndex(0);
    return PolicyIndex(xfrm::own_index_prefix | found->second.number << 3 |
                       std::to_underlying(direction));
}

}  // namespace xfrmd::ike
