// What a reload does to a tunnel that stays, and how what is remembered of its phase 2s moves.
//
// A phase 2 is known by its place in the list of its phase 1, in many places: Child SAs, wishes,
// requests on their way. When the list changes, all of them are told the new places at once.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "config/diff.hpp"
#include "ike/ike_sa.hpp"
#include "ike/report.hpp"

namespace xfrmd::ike {

struct Alteration {
    /// What has to be renewed of the whole; absent if no option of the phase 1 itself differs.
    std::optional<config::Renews> phase1;
    /// The same of each phase 2, by its old place; `Renews::tunnel` for one that is gone.
    std::vector<std::optional<config::Renews>> phase2s;
    /// By old place: the new one, or `no_phase2` for one that is gone.
    std::vector<std::size_t> places;
    bool list_changed = false;  ///< phase 2s came, went or changed places

    /// Nothing of it needs to know that there was a reload.
    bool is_none() const;
    bool restarts() const { return phase1 == config::Renews::tunnel; }
    /// True if what there is of a phase 2, by its old place, has to go.
    bool ends(std::size_t phase2) const;
    /// True if what was offered for a phase 2 is not what would be offered now.
    bool outdates(std::size_t phase2) const;
    std::size_t new_place(std::size_t phase2) const {
        return phase2 < places.size() ? places[phase2] : no_phase2;
    }
};

Alteration alteration(const config::Phase1& running, const config::Phase1& loaded);

/// Before the change: Child SAs and requests that do not outlive it go, with a word to the peer.
void withdraw(IkeSa& sa, const Alteration& alteration, EngineContext& context);

/// Brings what an IKE SA remembers to the new places. What is gone must have been withdrawn.
void move_phase2s(IkeSa& sa, const Alteration& alteration);
/// The same for reports about a tunnel that wait to be read; those of what is gone are dropped.
void move_phase2s(std::deque<Report>& reports, const Tunnel& tunnel, const Alteration& alteration);

}  // namespace xfrmd::ike
