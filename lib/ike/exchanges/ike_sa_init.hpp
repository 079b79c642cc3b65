// IKE_SA_INIT: algorithms, nonces, key exchange; nobody is authenticated (RFC 7296 section 1.2).
#pragma once

#include <memory>
#include <span>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::ike_sa_init {

/// COOKIE and INVALID_KE_PAYLOAD that we follow in one negotiation before we give up on the peer:
/// one of each is normal, and one more when its load changes meanwhile.
inline constexpr std::uint32_t max_retries = 3;

/// Where a new IKE SA of ours shall go.
struct Destination {
    std::shared_ptr<Tunnel> tunnel;
    std::size_t phase2 = 0;
    IkeSpi spi;
    Endpoint local;
    Endpoint remote;
    std::optional<xfrm::Acquire> acquire = std::nullopt;  ///< if traffic is the reason
};

/// HDR, SAi1, KEi, Ni  -->   Returns nothing if this machine's library lacks the group.
std::unique_ptr<IkeSa> request(const Destination& destination, EngineContext& context);

/// HDR, SAr1, KEr, Nr  <--   or COOKIE, INVALID_KE_PAYLOAD, an error.
void finish(IkeSa& sa, const wire::Header& header, ByteView octets, EngineContext& context);

/// A first message that some tunnel may answer to.
struct Call {
    const DatagramReceived& datagram;
    const wire::Header& header;
    std::span<const std::shared_ptr<Tunnel>> candidates;
    IkeSpi spi;                      ///< ours, for the IKE SA that may come of it
    std::size_t longest_answer = 0;  ///< octets; a longer one is not sent, nor is its state kept
};

/// The whole of the responder: answers the call and returns the new IKE SA, or refuses it and
/// returns nothing, with no state left.
std::unique_ptr<IkeSa> respond(const Call& call, EngineContext& context);

/// Answers a request that has no IKE SA with one notify in clear text (RFC 7296 sections 2.5 and
/// 2.21.1). The response carries SPIr = 0. None is sent if it were longer than a request whose
/// sender has not proved its address may have (longest_answer_to).
void refuse(const DatagramReceived& datagram, const wire::Header& request, wire::NotifyType type,
            ByteView data, EngineContext& context);

}  // namespace xfrmd::ike::ike_sa_init
