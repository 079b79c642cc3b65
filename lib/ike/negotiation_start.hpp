// How a negotiation for a phase 2 is started: through an IKE SA that is up, or with a new one.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "ike/engine_context.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/tunnel.hpp"

namespace xfrmd::ike {

/// What keeps a phase 2 from being negotiated.
struct Obstacle {
    Reason reason{};
    std::string message;
};

/// What is missing on this machine, if anything is.
std::optional<Obstacle> find_obstacle(const Tunnel& tunnel, std::size_t phase2,
                                      const EngineContext& context);

/// How a phase 2 is doing, as its tunnel's IKE SAs have it. Linear in their number: not for dial-up
/// servers.
Phase2Status observe(const Tunnel& tunnel, std::size_t phase2, const EngineContext& context);

/// True if a Child SA of the phase 2 carries this packet.
bool is_covered(const Tunnel& tunnel, std::size_t phase2, const xfrm::Selector& flow,
                const EngineContext& context);

/// The IKE SA for new Child SAs: established, and the one that stays if there are several; null if
/// there is none.
IkeSa* usable_ike_sa(const Tunnel& tunnel, const EngineContext& context);

/// True if an IKE SA of the tunnel is being negotiated.
bool has_half_open(const Tunnel& tunnel, const EngineContext& context);

/// Of two IKE SAs with one peer, the one that goes: both ends choose the same. If each end began
/// one, the lower of the initiators' SPIs goes, else the older one.
IkeSa& surplus_of(IkeSa& a, IkeSa& b);

/// Begins a new IKE SA, whose IKE_AUTH asks for the phase 2. Returns our SPI; nothing if it cannot
/// be: the tunnel has an obstacle, or its peer no address.
std::optional<IkeSpi> start_ike_sa(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2,
                                   std::optional<xfrm::Acquire> acquire, EngineContext& context);

}  // namespace xfrmd::ike
