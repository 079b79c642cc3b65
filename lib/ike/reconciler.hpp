// Brings tunnels to where the configuration wants them.
//
// One rule: whoever wants to be up and is not, and has nothing under way, starts a negotiation. It
// is applied when a tunnel appears, every five seconds while something is missing, and after a
// loss.
#pragma once

#include "ike/engine_context.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/tunnel.hpp"

namespace xfrmd::ike {

class Reconciler {
  public:
    Reconciler(EngineContext& context, IkeSaTable& sas) : context_(context), sas_(sas) {}

    /// Looks after a tunnel now; looks again in five seconds if something is still missing.
    void tick(const std::shared_ptr<Tunnel>& tunnel);
    /// Something happened to an IKE SA or its Child SAs.
    void on_report(const Report& report);
    /// Something of the tunnel is gone: looks after it in five seconds, if it wants to be up.
    void on_loss(const std::shared_ptr<Tunnel>& tunnel);
    /// Starts a negotiation for a phase 2, unless one is under way or it is up.
    void start(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2);
    /// Nothing is to be started any more.
    void stop(const Tunnel& tunnel);

  private:
    bool is_up(const Tunnel& tunnel, std::size_t phase2) const;
    bool is_negotiating(const Tunnel& tunnel) const;
    void tell(const Tunnel& tunnel, std::size_t phase2, Reason reason, std::string message);

    EngineContext& context_;
    IkeSaTable& sas_;
};

}  // namespace xfrmd::ike
