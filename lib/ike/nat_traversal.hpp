// NAT traversal (RFC 7296 section 2.23): both ends tell in IKE_SA_INIT where they send from and to,
// as hashes; who sees other addresses and ports knows of a NAT. Then IKE goes on on port 4500, and
// ESP is packed into UDP.
//
// What follows from it is elsewhere: nat_keepalive.hpp keeps the mapping of a NAT on our side
// alive, peer_move.hpp follows a peer whose NAT has given it another one.
#pragma once

#include "config/model.hpp"
#include "ike/ike_sa.hpp"
#include "wire/message.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::ike::nat_traversal {

/// The two SPIs as they stand in the header of the IKE_SA_INIT message in question: the
/// responder's is 0 in a request.
struct Spis {
    IkeSpi initiator;
    IkeSpi responder;
};

/// Adds N(NAT_DETECTION_SOURCE_IP) and N(NAT_DETECTION_DESTINATION_IP) to our IKE_SA_INIT message,
/// which goes along `path`. Nothing with `disable`; with `forced` the source is told wrong, so that
/// the peer finds a NAT whether there is one or not.
void announce(wire::ChainWriter& chain, config::NatTraversal mode, const Spis& spis,
              const Path& path, const EngineContext& context);

/// What the peer's IKE_SA_INIT message, which came along `path`, tells. A peer with several
/// addresses may tell several sources. Hashes of a wrong size are none.
NatFinding find(const wire::Payloads& payloads, config::NatTraversal mode, const Spis& spis,
                const Path& path, const EngineContext& context);

/// An event about what was found; when the peer is authenticated, for anybody can seem to be behind
/// a NAT.
void tell(const IkeSa& sa, EngineContext& context);

/// The initiator goes on on port 4500 if it has to.
void float_to_port(IkeSa& sa);

/// True if the Child SAs of an IKE SA are to be packed into UDP. A peer that did not go to port
/// 4500, as it has to, gets plain ESP: the kernel unpacks on that port alone.
bool packs_into_udp(const IkeSa& sa);

/// As responder in transport mode: true if the selectors name the addresses that packets have here.
/// Behind a NAT they do not, and the kernel would not recognise what comes (RFC 7296 section
/// 2.23.1).
bool names_outer_addresses(const IkeSa& sa, const wire::Payloads& offer);

}  // namespace xfrmd::ike::nat_traversal
