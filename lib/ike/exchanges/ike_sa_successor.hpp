// The IKE SA that comes of a rekey; both roles make it the same way.
#pragma once

#include "crypto/key_schedule.hpp"
#include "ike/ike_sa.hpp"

namespace xfrmd::ike::rekey_ike_sa {

/// What a successor is made of. The views of `inputs` are of the exchange's messages.
struct SuccessorTerms {
    Role role{};  ///< in the exchange that made it
    crypto::IkeSuite suite;
    ByteView shared_secret;
    crypto::KeyInputs inputs;
};

/// Makes a successor, established and without Child SAs, known to the engine and its tunnel.
IkeSa& make_successor(const IkeSa& old, const SuccessorTerms& terms, EngineContext& context);

/// False for one that is on its way out itself, and for none.
bool may_take_over(const IkeSa* successor);

/// The peer is to delete this IKE SA: it waits for that, and for no more.
void await_delete(IkeSa& sa, EngineContext& context);

}  // namespace xfrmd::ike::rekey_ike_sa
