#include "ike/surplus.hpp"

#include <algorithm>

#include "ike/child_kernel.hpp"
#include "ike/exchanges/rekey_ike_sa.hpp"
#include "ike/negotiation_start.hpp"

namespace xfrmd::ike {
namespace {

bool is_in_service(const ChildSa& child) {
    return child.state == ChildState::established && child.replaced_by == EspSpi(0);
}

/// Pairs of selectors that are looked at to find out whether one set holds another. A peer may have
/// 66 Child SAs of 255 selectors, and each may be compared with each: beyond this equal sets alone
/// hold each other.
constexpr std::size_t most_compared = 1024;

bool holds(const SelectorSet& outer, const SelectorSet& inner) {
    if (outer == inner) return true;
    const std::size_t pairs =
        outer.local.size() * inner.local.size() + outer.remote.size() * inner.remote.size();
    return pairs <= most_compared && covers(outer.local, inner.local) &&
           covers(outer.remote, inner.remote);
}

/// True if both are for the same traffic, and no rekey is to decide between them.
bool are_equal(const ChildSa& a, const ChildSa& b) {
    const bool rekeys_collided = a.replaces != EspSpi(0) && a.replaces == b.replaces;
    return a.phase2 == b.phase2 && !rekeys_collided && a.selectors == b.selectors;
}

/// The peer receives with it: it has our answer, as far as one can know.
bool is_settled(const ChildSa& child, Instant now) {
    return child.initiated || now >= child.established_at + surplus_grace;
}

/// Both ends see the same two numbers of each.
EspSpi rank(const ChildSa& child) {
    return std::max(child.spi_in, child.spi_out);
}

/// Of two IKE SAs that the peer began, what this end alone decides on: the one without Child SAs,
/// else the older one.
IkeSa& surplus_of_peer(IkeSa& a, IkeSa& b) {
    if (a.children.empty() != b.children.empty()) return a.children.empty() ? a : b;
    return surplus_of(a, b);
}

/// An IKE SA that new traffic may be led to, or that may end.
bool takes_part(const IkeSa* sa) {
    return sa != nullptr && sa->is_established() && !sa->is_closing();
}

}  // namespace

void Surplus::on_ike_sa_up(const IkeSa& sa) {
    if (peers_.same_peer(sa.own_spi()).size() > 1) look_later(sa);
}

void Surplus::on_child_up(const IkeSa& sa, const ChildSa& child) {
    const auto is_rival = [&child](const ChildSa& other) {
        return other.spi_in != child.spi_in && is_in_service(other) && are_equal(other, child);
    };
    if (std::ranges::any_of(sa.children, is_rival)) look_later(sa);
}

void Surplus::look_later(const IkeSa& sa) {
    const TimerKey key{Timer::surplus, sa.own_spi().value()};
    if (!context_.timers.is_armed(key))
        context_.timers.arm(key, context_.now.boottime + surplus_grace);
}

void Surplus::on_timer(IkeSpi spi) {
    IkeSa* sa = context_.sas->find(spi);
    if (!takes_part(sa)) return;
    bool again = end_marked(*sa);
    again |= judge_children(*sa);
    for (IkeSpi other : peers_.same_peer(spi)) {
        IkeSa* rival = other == spi ? nullptr : find_rival(other);
        if (rival != nullptr && takes_part(sa)) again |= judge(*sa, *rival);
    }
    if (again && takes_part(sa))
        context_.timers.arm({Timer::surplus, spi.value()}, context_.now.boottime + surplus_grace);
}

IkeSpi Surplus::replaced_by(IkeSpi successor) const {
    const auto found = replaced_.find(successor);
    return found == replaced_.end() ? IkeSpi(0) : found->second;
}

IkeSa* Surplus::find_rival(IkeSpi spi) const {
    IkeSa* sa = context_.sas->find(spi);
    return takes_part(sa) ? sa : nullptr;
}

bool Surplus::is_old(const IkeSa& sa, Duration age) const {
    return context_.now.boottime >= sa.established_at + age;
}

void Surplus::lead_to(ChildSa& loser, const IkeSa& sa, const ChildSa& winner) {
    activate_child(sa, winner, context_);
    loser.replaced_by = winner.spi_in;
}

// ---- Two Child SAs under one IKE SA ------------------------------------------------------------

/// Marks the losers; true if there are any.
bool Surplus::judge_children(IkeSa& sa) {
    bool found = false;
    for (ChildSa& loser : sa.children) {
        if (!is_in_service(loser)) continue;
        const auto winner = std::ranges::find_if(sa.children, [&loser](const ChildSa& other) {
            return rank(other) > rank(loser) && is_in_service(other) && are_equal(other, loser);
        });
        if (winner == sa.children.end()) continue;
        found = true;
        if (is_settled(*winner, context_.now.boottime)) lead_to(loser, sa, *winner);
    }
    return found;
}

/// Ends the losers that were marked a grace ago; true if some are left to the other end.
bool Surplus::end_marked(IkeSa& sa) {
    bool left = false;
    std::vector<EspSpi> ended;
    for (const ChildSa& loser : sa.children) {
        const ChildSa* winner = sa.find_child(loser.replaced_by);
        if (winner == nullptr || !are_equal(*winner, loser) || winner->replaces == loser.spi_in)
            continue;
        if (loser.initiated || context_.now.boottime >= loser.established_at + patience)
            ended.push_back(loser.spi_in);
        else
            left = true;
    }
    for (EspSpi spi_in : ended)
        sa.close_child(spi_in, Reason::duplicate, context_);
    return left;
}

void Surplus::on_child_gone(IkeSpi spi) {
    std::vector<IkeSa*> group;
    for (IkeSpi other : peers_.same_peer(spi))
        if (IkeSa* sa = context_.sas->find(other)) group.push_back(sa);
    const auto is_there = [&group](EspSpi spi_in) {
        return std::ranges::any_of(group,
                                   [&](IkeSa* sa) { return sa->find_child(spi_in) != nullptr; });
    };
    for (IkeSa* sa : group)
        for (ChildSa& child : sa->children)
            if (child.replaced_by != EspSpi(0) && !is_there(child.replaced_by))
                child.replaced_by = EspSpi(0);
}

// ---- Two IKE SAs with one peer -----------------------------------------------------------------

/// True if they have to be looked at again.
bool Surplus::judge(IkeSa& a, IkeSa& b) {
    if (replaced_by(a.own_spi()) == b.own_spi()) return end({a, b, true});
    if (replaced_by(b.own_spi()) == a.own_spi()) return end({b, a, true});
    for (const IkeSa* sa : {&a, &b})
        if (rekey_ike_sa::is_undecided(*sa, context_)) return true;
    const bool began_both = a.role == Role::initiator && b.role == Role::initiator;
    if (began_both) return false;  // the responder decides: we know what we do
    const bool called_twice = a.role == b.role;
    IkeSa& loser = called_twice ? surplus_of_peer(a, b) : surplus_of(a, b);
    const Rivals rivals{&loser == &a ? b : a, loser};
    if (called_twice && !is_old(rivals.survivor, patience)) return true;
    return end(rivals);
}

bool Surplus::end(const Rivals& rivals) {
    if (hand_over(rivals)) return !is_old(rivals.survivor, give_up_after);
    if (!settles(rivals)) return true;
    close(rivals.loser, rivals.ours ? Reason::replaced : Reason::duplicate);
    return false;
}

/// The one that began the loser ends it, or who is tired of waiting for that.
bool Surplus::settles(const Rivals& rivals) const {
    return rivals.ours || rivals.loser.role == Role::initiator ||
           (is_old(rivals.loser, patience) && is_old(rivals.survivor, patience));
}

/// Leads all traffic of the loser to the survivor; true if something was left to do.
bool Surplus::hand_over(const Rivals& rivals) {
    bool changed = rivals.loser.pending<ChildRequest>() != nullptr;
    IkeSa& survivor = rivals.survivor;
    for (ChildSa& child : rivals.loser.children) {
        if (child.replaced_by != EspSpi(0)) continue;
        changed = true;
        if (child.state != ChildState::established) continue;
        const auto winner = std::ranges::find_if(survivor.children, [&](const ChildSa& other) {
            return other.phase2 == child.phase2 && is_in_service(other) &&
                   holds(other.selectors, child.selectors);
        });
        if (winner != survivor.children.end()) {
            if (is_settled(*winner, context_.now.boottime)) lead_to(child, survivor, *winner);
        } else if (survivor.role == Role::initiator && survivor.tunnel->may_initiate() &&
                   !survivor.serves(child.phase2) && !survivor.is_asking_for(child.phase2)) {
            survivor.ask(CreateChild{child.phase2}, context_);
        }
    }
    return changed;
}

void Surplus::close(IkeSa& sa, Reason reason) {
    sa.close(reason, context_);
    context_.unsettled.push_back(sa.own_spi());
}

}  // namespace xfrmd::ike
