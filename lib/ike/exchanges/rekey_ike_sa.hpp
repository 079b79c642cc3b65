// CREATE_CHILD_SA for a successor of the IKE SA (RFC 7296 sections 1.3.2 and 2.18): new keys, new
// SPIs, the same Child SAs.
#pragma once

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::rekey_ike_sa {

/// HDR, SK {SA, Ni, KEi}  -->
void request(IkeSa& sa, EngineContext& context);

/// HDR, SK {SA, Nr, KEr}  <--   or an error. The successor takes the Child SAs over, and the old
/// IKE SA is deleted; unless both ends asked, and the peer's successor is the one that stays.
void finish(IkeSa& sa, IkeRekeyRequest request, const wire::Payloads& payloads,
            EngineContext& context);

/// Answers the peer's request; the successor takes the Child SAs over at once, unless we have asked
/// for one as well: then the nonces decide when our response comes.
void respond(IkeSa& sa, const wire::Header& request, wire::Payloads& payloads,
             EngineContext& context);

/// The peer has asked for this successor, and we for another one: whether it stays shows when our
/// response comes. Until then it asks for nothing, or it might be gone before it has the Child SAs.
bool is_undecided(const IkeSa& successor, const EngineContext& context);

/// The peer uses a successor that it asked for, while our own request is still unanswered: for the
/// peer this one stays, and it believes the Child SAs to be in it.
void on_used_by_peer(IkeSa& successor, EngineContext& context);

/// The peer deletes the IKE SA while we wait for a successor: the one it asked for, if it did,
/// takes the Child SAs over.
void on_deleted_by_peer(IkeSa& sa, EngineContext& context);

}  // namespace xfrmd::ike::rekey_ike_sa
