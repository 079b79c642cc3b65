// CREATE_CHILD_SA: further Child SAs and new keys (RFC 7296 section 1.3).
#pragma once

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::create_child_sa {

/// HDR, SK {N(NO_ADDITIONAL_SAS)}  <--   "The responder MAY refuse all CREATE_CHILD_SA requests"
/// (RFC 7296 section 1.3.2, 4); the peer makes a new IKE SA when it needs new keys. An IKE SA that
/// is being deleted answers TEMPORARY_FAILURE (section 2.25.2).
void refuse(IkeSa& sa, const wire::Header& request, EngineContext& context);

}  // namespace xfrmd::ike::create_child_sa
