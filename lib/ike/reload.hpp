// A reload: brings what runs to another configuration by the difference of the two, and touches
// nothing else.
//
// A tunnel that stays keeps its number, its interface with what was put on it, its ids in the
// kernel and, for what did not change, its SAs and policies. What a changed option costs stands in
// the table of options (config::Renews).
#pragma once

#include <memory>
#include <vector>

#include "config/diff.hpp"
#include "ike/alteration.hpp"
#include "ike/engine_context.hpp"
#include "ike/reconciler.hpp"
#include "ike/tunnel_setup.hpp"

namespace xfrmd::ike {

class Reload {
  public:
    Reload(EngineContext& context, TunnelSetup& setup, Reconciler& reconciler)
        : context_(context), setup_(setup), reconciler_(reconciler) {}

    /// Linear in the tunnels for the comparison; what is done is done to what has changed alone.
    void apply(const config::Config& running, const config::Config& loaded);

  private:
    using TunnelPtr = std::shared_ptr<Tunnel>;

    void remove(const TunnelPtr& tunnel);
    void add(const std::shared_ptr<const config::Phase1>& phase1);
    void change(const TunnelPtr& tunnel, const std::shared_ptr<const config::Phase1>& loaded);
    void bring_back(Tunnel& tunnel, const Alteration& alteration);
    void carry_over(const Tunnel& tunnel, const Alteration& alteration);
    void rekey(const Tunnel& tunnel, const Alteration& alteration);
    void drop_released_policies();
    TunnelPtr running_tunnel(const config::Phase1& phase1) const;

    EngineContext& context_;
    TunnelSetup& setup_;
    Reconciler& reconciler_;
    std::vector<TunnelPtr> touched_;  ///< that are there now
};

/// What a reload has done, for the journal: a line for each change, and a sum.
void tell_reload(const config::Config& running, const config::Config& loaded,
                 EngineContext& context);
/// The sum alone: at a start everything is new.
void tell_start(const config::Config& loaded, EngineContext& context);

}  // namespace xfrmd::ike
