// A peer behind a NAT appears under another address or port: its NAT has forgotten it, or was
// restarted (RFC 7296 section 2.23).
//
// We follow what is authentic and new: an IKE message that the window takes, or ESP, of which the
// kernel tells. We do not if we are behind a NAT ourselves, for then anybody between could lead us
// astray for good; and a peer with a configured address keeps that, only its port may change.
//
// The ports of the SAs in the kernel are changed in place. Another address makes new SAs of them:
// each Child SA gets a successor, and what is sent during that exchange is lost. Policies stay all
// the time, so nothing leaves in clear text.
#pragma once

#include <chrono>
#include <span>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::peer_move {

/// A peer that seems to be in two places costs no more than this.
inline constexpr std::chrono::seconds least_interval{2};

/// Whether a request that is to prove who the peer is may come along `path`. It goes on from where
/// IKE_SA_INIT came from, but for its port (RFC 7296 section 2.23): whoever copies it could else
/// put its own address in place of the peer's. Behind a NAT there may be another address.
bool may_go_on(const IkeSa& sa, const Path& path);

/// Something authentic came along `path`, and nothing newer has come before it.
void on_seen(IkeSa& sa, const Path& path, EngineContext& context);

/// ESP came from elsewhere, and the kernel took it. Nothing follows if the Child SA has no replay
/// window: an old packet would be taken as well, from wherever somebody sends it.
void on_mapping(IkeSa& sa, const xfrm::Mapping& mapping, EngineContext& context);

/// Leads a Child SA to where the peer is now, if it is elsewhere.
void lead_after(IkeSa& sa, ChildSa& child, EngineContext& context);

/// The kernel's answer about new ports of a Child SA.
void on_kernel_reply(IkeSa& sa, EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                     EngineContext& context);

}  // namespace xfrmd::ike::peer_move
