// One IKE SA for each peer, one Child SA for each phase 2: what is too much goes, without loss.
//
// Both ends may start at once, a peer may have restarted, an IKE SA may be replaced by a fresh one.
// Both ends choose the same loser without a word about it. First each leads its outbound traffic to
// the winner and marks the loser as replaced; a grace later, when the other end has done the same,
// the end that began the loser deletes it.
#pragma once

#include <unordered_map>

#include "ike/engine_context.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/peer_index.hpp"

namespace xfrmd::ike {

class Surplus {
  public:
    /// A loser that the other end has not ended by then is ended by this one, if both are so old;
    /// and an IKE SA of a peer that called twice is left so long, for it may be about to replace
    /// the one by the other itself (RFC 7296 section 2.8.3).
    static constexpr std::chrono::seconds patience{10};
    /// Peers that will not have it are left with their surplus.
    static constexpr std::chrono::seconds give_up_after{300};

    Surplus(EngineContext& context, const PeerIndex& peers) : context_(context), peers_(peers) {}

    /// An IKE SA has come up: looks after it in a while if its peer has another one.
    void on_ike_sa_up(const IkeSa& sa);
    /// A Child SA has come up: the same if there is another one for its traffic.
    void on_child_up(const IkeSa& sa, const ChildSa& child);
    void on_timer(IkeSpi spi);
    /// An IKE SA of ours is to take the place of another one, whatever their SPIs.
    void replace(IkeSpi old, IkeSpi successor) { replaced_.insert_or_assign(successor, old); }
    /// The one that an IKE SA is to take the place of; 0: none.
    IkeSpi replaced_by(IkeSpi successor) const;
    void on_gone(IkeSpi spi) { replaced_.erase(spi); }
    /// A Child SA is gone: one that was to go in its favour is needed again.
    void on_child_gone(IkeSpi sa);

  private:
    /// Two IKE SAs with the same peer.
    struct Rivals {
        IkeSa& survivor;
        IkeSa& loser;
        bool ours = false;  ///< we have made the one for the other
    };

    void look_later(const IkeSa& sa);
    bool judge_children(IkeSa& sa);
    bool end_marked(IkeSa& sa);
    bool judge(IkeSa& a, IkeSa& b);
    bool end(const Rivals& rivals);
    bool hand_over(const Rivals& rivals);
    bool settles(const Rivals& rivals) const;
    bool is_old(const IkeSa& sa, Duration age) const;
    IkeSa* find_rival(IkeSpi spi) const;
    void lead_to(ChildSa& loser, const IkeSa& sa, const ChildSa& winner);
    void close(IkeSa& sa, Reason reason);

    EngineContext& context_;
    const PeerIndex& peers_;
    std::unordered_map<IkeSpi, IkeSpi> replaced_;  ///< by successor
};

}  // namespace xfrmd::ike
