// INFORMATIONAL: deletes, notifies, and the empty message that asks "are you there?"
// (RFC 7296 sections 1.4 and 2.4).
#pragma once

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::informational {

/// HDR, SK {D}  -->   for the IKE SA: it is deleting from now on.
void request_ike_delete(IkeSa& sa, EngineContext& context);
/// HDR, SK {D}  -->   for Child SAs, by our SPIs.
void request_child_delete(IkeSa& sa, const DeleteChildren& wish, EngineContext& context);
/// HDR, SK {}  -->   "are you there?"; unanswered for so long as DPD allows, the peer is dead.
void request_probe(IkeSa& sa, EngineContext& context);
/// HDR, SK {N(AUTHENTICATION_FAILED)}  -->   the IKE SA that the peer believes in is not to be.
void announce_authentication_failure(IkeSa& sa, EngineContext& context);

/// HDR, SK {[N,] [D]}  <--
void finish(IkeSa& sa, EngineContext& context);

/// True if a request ends the IKE SA that it comes in.
bool deletes_ike_sa(const wire::Payloads& payloads);

void respond(IkeSa& sa, const wire::Header& request, const wire::Payloads& payloads,
             EngineContext& context);

}  // namespace xfrmd::ike::informational
