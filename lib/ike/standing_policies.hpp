// What a configured phase 2 keeps in the kernel, up or down: policies without an SA.
//
// Its packets then never leave in clear text, and the first of them raises an ACQUIRE. As long as
// an end's address is not known, outbound packets are blocked. Dial-up servers have none: their
// peers and what lies behind them are known when they call.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ike/engine_context.hpp"
#include "ike/tunnel.hpp"

namespace xfrmd::ike {

class StandingPolicies {
  public:
    explicit StandingPolicies(EngineContext& context) : context_(context) {}

    /// Puts up the policies of all phase 2s, or moves them to where the tunnel's ends are now.
    /// Those of a route-based tunnel wait for its interface. A phase 2 whose selectors belong to
    /// another one gets none, and an event says so.
    void put(Tunnel& tunnel);
    /// The same whether its ends have changed or not, for a tunnel whose configuration has.
    void renew(Tunnel& tunnel);
    void remove(Tunnel& tunnel);
    /// Takes those of one phase 2 away.
    void remove(Tunnel& tunnel, std::size_t phase2);

    /// The kernel's answer to the policies of one phase 2. What it refused stands there already,
    /// put by somebody else: the phase 2 goes without, and may still be tried.
    void on_answer(const StandingInstallation& installation, std::span<const PolicyStep> policies,
                   std::span<const xfrm::OperationResult> results);

  private:
    std::optional<TunnelEnds> ends_of(const Tunnel& tunnel) const;
    void put(Tunnel& tunnel, const TunnelEnds& ends);
    void put(Tunnel& tunnel, std::size_t phase2, const PolicyUse& use);
    void release(Tunnel& tunnel, std::size_t phase2, std::vector<xfrm::Operation>& removal);
    void tell(const Tunnel& tunnel, std::size_t phase2, EventKind kind, Reason reason,
              std::string message);

    EngineContext& context_;
};

}  // namespace xfrmd::ike
