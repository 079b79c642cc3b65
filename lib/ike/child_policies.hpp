// A Child SA's share in the policy table.
#pragma once

#include <expected>
#include <optional>

#include "ike/child_sa.hpp"
#include "ike/engine_context.hpp"
#include "ike/ike_sa.hpp"

namespace xfrmd::ike {

/// Who else has the policies of a Child SA, so that it cannot have them; nothing: nobody.
std::optional<PolicyOwner> other_owner(const IkeSa& sa, const ChildSa& child,
                                       const EngineContext& context);

/// Takes its share, and leads outbound packets to it if it is to be active at once. In packet mode
/// IKE between the gateways passes the device's policies too, should the selectors cover them: a
/// device does not know what sockets are allowed. Refused if another one has one of the policies,
/// who is returned.
std::expected<PolicyChange, PolicyOwner> take_policies(const IkeSa& sa, ChildSa& child,
                                                       Activation when, EngineContext& context);

/// Gives it back, if it has one; but keeps the inbound policies for an inbound SA that goes on in
/// packet mode.
PolicyChange give_back_policies(const IkeSa& sa, const ChildSa& child, Inbound when,
                                EngineContext& context);

/// Whether its inbound SA, which leaves the kernel then, needs the inbound policies until it does.
bool goes_on_receiving(const ChildSa& child, Inbound when);

}  // namespace xfrmd::ike
