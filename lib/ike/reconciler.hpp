// Brings tunnels to where the configuration wants them.
//
// One rule: a phase 2 that is wanted, is down, and has nothing under way is negotiated. It is
// wanted if auto-negotiate says so, or traffic or an operator has asked; never in passive-mode, as
// a dial-up server, while an operator holds the tunnel down, or while a backup is not needed. The
// rule is applied when a tunnel appears, after whatever happens to it, and every five seconds while
// something is missing.
//
// An operator's "down" ends what is there and keeps us from starting anything, until "up"; the peer
// may still begin, and is answered.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ike/backup_tunnels.hpp"
#include "ike/engine_context.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/negotiation_start.hpp"
#include "ike/peer_crowd.hpp"
#include "ike/peer_index.hpp"
#include "ike/start_pacing.hpp"
#include "ike/surplus.hpp"
#include "ike/tunnel.hpp"
#include "ike/tunnel_setup.hpp"

namespace xfrmd::ike {

class Reconciler {
  public:
    Reconciler(EngineContext& context, TunnelSetup& setup) : context_(context), setup_(setup) {}

    // What happens.

    /// All tunnels of a configuration are there, their interfaces perhaps not.
    void on_configured();
    /// This one is new or was changed by a reload: looks at it as if it had never been tried.
    void on_reconfigured(const std::shared_ptr<Tunnel>& tunnel);
    /// Looks after a tunnel now, and again as long as something is missing.
    void tick(const std::shared_ptr<Tunnel>& tunnel);
    /// Something happened to an IKE SA or its Child SAs.
    void on_report(const Report& report);
    /// These devices came up: what waits for its next attempt waits no longer.
    void on_links_up(const std::set<std::string>& devices);
    /// A packet met a policy without an SA.
    void on_acquire(const xfrm::Acquire& acquire);
    void on_name_resolved(const NameResolved& answer);
    /// Timer::give_up_acquire.
    void on_acquire_timer(Reqid reqid);
    /// Timer::surplus.
    void on_surplus_timer(IkeSpi spi) { surplus_.on_timer(spi); }

    // What is asked for.

    /// An operator wants a phase 2 up; all of them if the name is empty.
    void up(const std::shared_ptr<Tunnel>& tunnel, std::string_view phase2);
    /// An operator wants nothing started. The IKE SAs are the caller's to close.
    void down(const std::shared_ptr<Tunnel>& tunnel);
    /// Makes a fresh IKE SA for the peer of another one, and ends that when the new one has all
    /// its traffic. Nothing happens if that is under way, or we never initiate.
    void replace(IkeSpi old);
    /// Ends all IKE SAs of a tunnel; the engine buries them.
    void close_all(const Tunnel& tunnel, Reason reason);
    /// The tunnel goes: nothing is to be started any more.
    void stop(const Tunnel& tunnel);
    /// The same for one of its phase 2s.
    void stop(const Tunnel& tunnel, std::size_t phase2);
    /// When one more may start something by itself, if many do.
    Instant take_slot() { return pacing_.reserve(context_.now.boottime); }

    /// The established IKE SAs with the peer of this one.
    std::vector<IkeSpi> same_peer(const IkeSa& sa) const { return peers_.same_peer(sa); }

  private:
    void on(const IkeSaUp& report);
    void on(const ChildUp& report);
    void on(const ChildFailed& report);
    void on(const ChildGone& report);
    void on(const IkeSaGone& report);
    void on(const NoAdditionalSas& report);
    void on(const ReauthenticationDue& report) { replace(report.sa); }
    void on(const PeerMoved& report);

    bool is_wanted(const Tunnel& tunnel, std::size_t phase2) const;
    bool is_due(const Tunnel& tunnel, std::size_t phase2) const;
    void attempt(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2);
    void attempt_with_new_ike_sa(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2);
    void begin(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2);
    bool waits_for_slot(Tunnel& tunnel, Phase2State& state);
    void schedule(const Tunnel& tunnel);

    void refresh(Tunnel& tunnel, std::size_t phase2);
    void set_status(Tunnel& tunnel, std::size_t phase2, Phase2Status status);
    void note_whether_up(Tunnel& tunnel);
    void apply_standby(const std::shared_ptr<Tunnel>& backup);
    void failed(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2, const Ending& ending);
    void on_obstacle(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2,
                     const Obstacle& obstacle);
    void replace_later(const IkeSa& old);
    void drop_own_attempts(const Tunnel& tunnel);

    void give_up_acquire_later(const Tunnel& tunnel, std::size_t phase2);
    void ask_for_more(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2);
    void tell_end(const IkeSaGone& report);
    void tell_passive(Tunnel& tunnel, std::size_t phase2);

    EngineContext& context_;
    TunnelSetup& setup_;
    PeerIndex peers_;
    PeerCrowd crowd_{context_, peers_};
    Surplus surplus_{context_, peers_};
    BackupTunnels backups_;
    StartPacing pacing_;
};

}  // namespace xfrmd::ike
