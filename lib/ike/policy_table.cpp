#include "ike/policy_table.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>

#include "base/assert.hpp"
#include "xfrm/selectors.hpp"

namespace xfrmd::ike {
namespace {

using xfrm::Direction;

/// From the outbound selector to that of a policy's direction, and back.
xfrm::Selector selector_of(const xfrm::Selector& selector, Direction direction) {
    return direction == Direction::out ? selector : xfrm::reversed(selector);
}

/// A policy but for its index and whether it takes another one's place.
xfrm::InstallPolicy policy_of(const xfrm::Selector& outbound, Direction direction,
                              const PolicyUse& use) {
    const bool is_outbound = direction == Direction::out;
    xfrm::InstallPolicy policy;
    policy.direction = direction;
    policy.selector = selector_of(outbound, direction);
    policy.priority = policy_priority(outbound);
    // No device forwards.
    if (direction != Direction::forward) policy.offload = use.offload;
    if (use.bypass) return policy;
    if (use.blocked) {
        policy.action = xfrm::PolicyAction::block;
        return policy;
    }
    policy.tmpl = xfrm::PolicyTemplate{
        .source = is_outbound ? use.local : use.remote,
        .destination = is_outbound ? use.remote : use.local,
        .reqid = use.reqid,
        .mode = use.mode,
        .spi = is_outbound && use.spi_out != EspSpi{} ? std::optional(use.spi_out) : std::nullopt,
    };
    return policy;
}

/// Whether two uses make the same policy.
bool same_policy(const PolicyUse& a, const PolicyUse& b, Direction direction) {
    if (a.blocked || b.blocked) return a.blocked == b.blocked;
    if (a.bypass || b.bypass) return a.bypass == b.bypass && a.offload == b.offload;
    return a.reqid == b.reqid && a.local == b.local && a.remote == b.remote && a.mode == b.mode &&
           (direction == Direction::forward || a.offload == b.offload) &&
           (direction != Direction::out || a.spi_out == b.spi_out);
}

/// Outbound packets can be blocked; what comes in needs a peer, and is forwarded out of tunnels.
bool has_policy(const PolicyUse& use, Direction direction) {
    switch (direction) {
        case Direction::out: return true;
        case Direction::in: return !use.blocked;
        case Direction::forward:
            return !use.blocked && !use.bypass && use.mode == xfrm::Mode::tunnel;
    }
    return false;
}

/// Whether a policy in the kernel leads its packets where one of ours would.
bool leads_alike(const xfrm::PolicyStatus& held, const xfrm::InstallPolicy& wanted) {
    const bool is_offloaded = held.offload == xfrm::OffloadMode::packet;
    if (held.action != wanted.action || held.tmpl.has_value() != wanted.tmpl.has_value() ||
        is_offloaded != wanted.offload.has_value())
        return false;
    return !held.tmpl || (held.tmpl->reqid == wanted.tmpl->reqid &&
                          held.tmpl->spi.value_or(EspSpi{}) == wanted.tmpl->spi.value_or(EspSpi{}));
}

}  // namespace

std::string PolicyStep::to_text() const {
    xfrm::InstallPolicy policy;
    policy.direction = direction;
    policy.selector = selector;
    policy.if_id = if_id;
    return xfrm::to_text(xfrm::Operation(policy));
}

std::vector<PolicyStep> policy_steps(std::span<const xfrm::Operation> operations) {
    std::vector<PolicyStep> steps;
    for (std::size_t i = 0; i < operations.size(); ++i)
        if (const auto* policy = std::get_if<xfrm::InstallPolicy>(&operations[i]))
            steps.push_back(
                {i, policy->selector, policy->if_id, policy->direction, policy->replace});
    return steps;
}

// ---- Changes -----------------------------------------------------------------------------------

std::optional<PolicyOwner> PolicyTable::other_owner(std::span<const xfrm::Selector> selectors,
                                                    IfId if_id, const PolicyOwner& owner) const {
    for (const xfrm::Selector& selector : selectors) {
        const auto found = entries_.find({selector, if_id});
        if (found == entries_.end() || found->second.holders.empty()) continue;
        const PolicyOwner& holder = found->second.holders.front().use.owner;
        if (holder != owner) return holder;
    }
    if (owner.peer != PeerName{})
        if (const PolicyOwner* other = crossed(selectors, if_id, owner)) return *other;
    return std::nullopt;
}

std::expected<std::vector<xfrm::PolicyOperation>, PolicyOwner> PolicyTable::claim(
    std::span<const xfrm::Selector> selectors, IfId if_id, EspSpi holder, const PolicyUse& use) {
    if (auto other = other_owner(selectors, if_id, use.owner))
        return std::unexpected(*std::move(other));
    Operations operations;
    for (const xfrm::Selector& selector : selectors) {
        const auto [place, is_new] = entries_.try_emplace({selector, if_id});
        Entry& entry = place->second;
        if (is_new) {
            entry.slot = slots_.take().value_or(0);
            lengths_.add(selector.destination);
            if (const auto left = adopted_.extract(place->first)) entry.kept = left.mapped();
        }
        const Wanted before = wanted(entry);
        if (const auto old = find(entry, holder); old != entry.holders.end())
            old->use = use;
        else
            entry.holders.push_back({holder, use, false});
        mark_changes(entry, before);
        // The outbound policy follows when the holder is activated.
        reconcile(place->first, entry, Direction::in, operations);
        reconcile(place->first, entry, Direction::forward, operations);
    }
    return operations;
}

std::vector<xfrm::PolicyOperation> PolicyTable::activate(std::span<const xfrm::Selector> selectors,
                                                         IfId if_id, EspSpi holder) {
    Operations operations;
    for (const xfrm::Selector& selector : selectors) {
        const auto place = entries_.find({selector, if_id});
        XFRMD_ASSERT(place != entries_.end());
        Entry& entry = place->second;
        const Wanted before = wanted(entry);
        const auto found = find(entry, holder);
        XFRMD_ASSERT(found != entry.holders.end());
        found->active = true;
        std::rotate(found, std::next(found), entry.holders.end());
        mark_changes(entry, before);
        reconcile(place->first, entry, Direction::out, operations);
    }
    return operations;
}

PolicyChange PolicyTable::retire(std::span<const xfrm::Selector> selectors, IfId if_id,
                                 EspSpi holder) {
    return leave(selectors, if_id, holder, true);
}

PolicyChange PolicyTable::release(std::span<const xfrm::Selector> selectors, IfId if_id,
                                  EspSpi holder) {
    return leave(selectors, if_id, holder, false);
}

PolicyChange PolicyTable::leave(std::span<const xfrm::Selector> selectors, IfId if_id,
                                EspSpi holder, bool is_retired) {
    PolicyChange change;
    for (const xfrm::Selector& selector : selectors) {
        const auto place = entries_.find({selector, if_id});
        XFRMD_ASSERT(place != entries_.end());
        Entry& entry = place->second;
        const Wanted before = wanted(entry);
        const Holder* leading = leader(entry, Direction::out);
        const bool led = leading != nullptr && leading->spi_in == holder;
        const auto found = find(entry, holder);
        if (found == entry.holders.end()) continue;
        if (is_retired) {
            found->active = false;
            found->retired = true;
        } else {
            entry.holders.erase(found);
        }
        if (Holder* next = newest_child(entry); led && next != nullptr) next->active = true;
        mark_changes(entry, before);
        if (!keeps_released_ || !entry.holders.empty()) {
            reconcile(place->first, entry, Direction::out, change.outbound);
            reconcile(place->first, entry, Direction::in, change.inbound);
            reconcile(place->first, entry, Direction::forward, change.inbound);
        }
        forget_unused(place);
    }
    return change;
}

std::vector<xfrm::PolicyOperation> PolicyTable::drop_released() {
    keeps_released_ = false;
    Operations operations;
    for (auto place = entries_.begin(); place != entries_.end();) {
        const auto next = std::next(place);
        if (place->second.holders.empty())
            for (Direction direction : {Direction::out, Direction::in, Direction::forward})
                reconcile(place->first, place->second, direction, operations);
        forget_unused(place);
        place = next;
    }
    return operations;
}

std::vector<xfrm::PolicyOperation> PolicyTable::leave_device(std::uint32_t device,
                                                             std::optional<EspSpi> holder) {
    Operations operations;
    for (auto& [key, entry] : entries_) {
        const Wanted before = wanted(entry);
        for (Holder& one : entry.holders)
            if (one.use.offload && one.use.offload->interface_index == device &&
                (!holder || one.spi_in == *holder))
                one.use.offload.reset();
        mark_changes(entry, before);
        for (Direction direction : {Direction::out, Direction::in, Direction::forward})
            reconcile(key, entry, direction, operations);
    }
    return operations;
}

std::vector<xfrm::PolicyOperation> PolicyTable::on_answers(
    std::span<const PolicyStep> steps, std::span<const xfrm::OperationResult> results) {
    Operations operations;
    for (const PolicyStep& step : steps) {
        const auto place = entries_.find({selector_of(step.selector, step.direction), step.if_id});
        if (place == entries_.end()) continue;
        const bool done = step.place < results.size() && results[step.place].ok();
        Kept& kept = place->second.kept[std::to_underlying(step.direction)];
        if (step.replace) {
            if (!done && kept == Kept::current) kept = Kept::outdated;
        } else if (kept == Kept::asked) {
            kept = done ? Kept::current : Kept::absent;
        } else if (kept == Kept::overtaken) {
            kept = done ? Kept::outdated : Kept::absent;
            reconcile(place->first, place->second, step.direction, operations);
        }
        forget_unused(place);
    }
    return operations;
}

// ---- What the kernel has -----------------------------------------------------------------------

PolicyTable::Place PolicyTable::place_of(const xfrm::PolicyStatus& policy) {
    return {Key{selector_of(policy.selector, policy.direction), policy.if_id}, policy.direction};
}

void PolicyTable::adopt(const xfrm::PolicyStatus& policy) {
    const auto& [key, direction] = place_of(policy);
    adopted_[key][std::to_underlying(direction)] = Kept::outdated;
    if (xfrm::is_own(policy.index)) slots_.skip(xfrm::policy_slot(policy.index));
}

std::vector<xfrm::PolicyOperation> PolicyTable::drop_adopted() {
    Operations operations;
    for (const auto& [key, kept] : std::exchange(adopted_, {}))
        for (Direction direction : {Direction::out, Direction::in, Direction::forward})
            if (kept[std::to_underlying(direction)] == Kept::outdated)
                operations.emplace_back(
                    xfrm::DeletePolicy{direction, selector_of(key.selector, direction), key.if_id});
    return operations;
}

std::vector<xfrm::PolicyOperation> PolicyTable::repair(std::span<const xfrm::PolicyStatus> kernel) {
    Kernel ours;
    for (const xfrm::PolicyStatus& policy : kernel)
        if (xfrm::is_own(policy)) ours.emplace(place_of(policy), &policy);
    Operations operations;
    for (auto& [key, entry] : entries_)
        for (Direction direction : {Direction::out, Direction::in, Direction::forward})
            compare(key, entry, direction, ours, operations);
    for (const auto& [place, policy] : ours) {
        const auto entry = entries_.find(place.first);
        const bool is_held = entry != entries_.end() &&
                             entry->second.kept[std::to_underlying(place.second)] != Kept::absent;
        if (!is_held)
            operations.emplace_back(
                xfrm::DeletePolicy{policy->direction, policy->selector, policy->if_id});
    }
    return operations;
}

/// What the kernel is being asked for is not judged.
void PolicyTable::compare(const Key& key, Entry& entry, Direction direction, const Kernel& kernel,
                          Operations& operations) {
    Kept& kept = entry.kept[std::to_underlying(direction)];
    const auto use = wanted(entry, direction);
    if (kept != Kept::current || !use) return;
    const auto found = kernel.find({key, direction});
    if (found == kernel.end())
        kept = Kept::absent;
    else if (!leads_alike(*found->second, policy_of(key.selector, direction, *use)))
        kept = Kept::outdated;
    reconcile(key, entry, direction, operations);
}

// ---- Entries -----------------------------------------------------------------------------------

std::vector<PolicyTable::Holder>::iterator PolicyTable::find(Entry& entry, EspSpi holder) {
    return std::ranges::find(entry.holders, holder, &Holder::spi_in);
}

/// The active one if there is one: activation puts a holder behind the others.
PolicyTable::Holder* PolicyTable::newest_child(Entry& entry) {
    Holder* newest = nullptr;
    for (Holder& holder : entry.holders)
        if (holder.spi_in != standing_holder && !holder.retired &&
            (newest == nullptr || holder.active || !newest->active))
            newest = &holder;
    return newest;
}

/// The holder whose use a direction's policy has; null if nobody wants one.
const PolicyTable::Holder* PolicyTable::leader(const Entry& entry, Direction direction) {
    const Holder* standing = nullptr;
    for (const Holder& holder : std::views::reverse(entry.holders)) {
        if (holder.retired || (direction == Direction::out && !holder.active)) continue;
        if (holder.spi_in != standing_holder) return &holder;
        standing = &holder;
    }
    return standing;
}

/// What a direction's policy is to be; nothing if there is to be none. A packet that the device has
/// decrypted passes the device's policies alone, and devices ask for no reqid then; one of software
/// passes both, by its reqid. So the inbound policy is the device's as long as anybody receives by
/// it, and what is inbound has the reqid of those who receive in software as long as there are any.
std::optional<PolicyUse> PolicyTable::wanted(const Entry& entry, Direction direction) {
    const Holder* holder = leader(entry, direction);
    if (holder == nullptr || !has_policy(holder->use, direction)) return std::nullopt;
    PolicyUse use = holder->use;
    if (direction == Direction::out) return use;
    for (const Holder& other : entry.holders) {
        if (other.spi_in == standing_holder) continue;
        const bool is_software = !other.use.offload;
        if (holder->use.offload && is_software) use.reqid = other.use.reqid;
        if (!holder->use.offload && !is_software) use.offload = other.use.offload;
    }
    return use;
}

PolicyTable::Wanted PolicyTable::wanted(const Entry& entry) {
    Wanted uses{};
    for (Direction direction : {Direction::in, Direction::out, Direction::forward})
        uses[std::to_underlying(direction)] = wanted(entry, direction);
    return uses;
}

void PolicyTable::mark_changes(Entry& entry, const Wanted& before) {
    for (Direction direction : {Direction::in, Direction::out, Direction::forward}) {
        const auto i = std::to_underlying(direction);
        const auto now = wanted(entry, direction);
        if (before[i].has_value() == now.has_value() &&
            (!now || same_policy(*before[i], *now, direction)))
            continue;
        if (entry.kept[i] == Kept::current) entry.kept[i] = Kept::outdated;
        if (entry.kept[i] == Kept::asked) entry.kept[i] = Kept::overtaken;
    }
}

/// Adds the operation that makes a direction's policy what is wanted, unless the kernel's answer
/// must be waited for.
void PolicyTable::reconcile(const Key& key, Entry& entry, Direction direction,
                            Operations& operations) {
    Kept& kept = entry.kept[std::to_underlying(direction)];
    if (kept == Kept::current || kept == Kept::asked || kept == Kept::overtaken) return;
    if (const auto use = wanted(entry, direction)) {
        xfrm::InstallPolicy install = policy_of(key.selector, direction, *use);
        install.if_id = key.if_id;
        if (entry.slot != 0) install.index = xfrm::policy_index(entry.slot, direction);
        install.replace = kept == Kept::outdated;
        operations.emplace_back(std::move(install));
        kept = kept == Kept::outdated ? Kept::current : Kept::asked;
    } else if (kept == Kept::outdated) {
        operations.emplace_back(
            xfrm::DeletePolicy{direction, selector_of(key.selector, direction), key.if_id});
        kept = Kept::absent;
    }
}

void PolicyTable::forget_unused(Entries::iterator place) {
    const Entry& entry = place->second;
    if (!entry.holders.empty() ||
        !std::ranges::all_of(entry.kept, [](Kept kept) { return kept == Kept::absent; }))
        return;
    if (entry.slot != 0) slots_.give_back(entry.slot);
    lengths_.remove(place->first.selector.destination);
    entries_.erase(place);
}

}  // namespace xfrmd::ike
