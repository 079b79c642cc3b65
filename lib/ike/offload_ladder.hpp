// Which rungs of offload a Child SA may try, and how it climbs down them.
#pragma once

#include <string>
#include <string_view>

#include "ike/child_negotiation.hpp"
#include "ike/child_offload.hpp"
#include "ike/child_sa.hpp"
#include "ike/ike_sa.hpp"

namespace xfrmd::ike::offload {

/// The rungs that the configuration asks for, without those that are known to be out of reach
/// whatever the device is: no trial is made for them.
ChildOffload plan(const IkeSa& sa, const ChildSa& child, const EngineContext& context);

/// A rung is left for which the device on the way to the peer has to be known.
bool wants_device(const ChildOffload& offload);

/// The kernel's answer to the question for it.
void on_route(ChildOffload& offload, const xfrm::OperationResult& answer,
              const EngineContext& context);

/// The rung that was tried cannot be had.
void climb_down(ChildOffload& offload, std::string why);

/// The device took the SAs in crypto mode, and the kernel does them in software all the same: that
/// is the rung they stand on now. False if offload-require forbids it.
bool settle_in_software(ChildOffload& offload, std::string why);

/// There is no rung left.
ChildRefusal refusal_of(const ChildOffload& offload);

/// "packet: EINVAL: ...; crypto: ...", or "packet, crypto: ..." if they have one reason; empty if
/// nothing was denied.
std::string to_text(const std::vector<OffloadShortfall>& shortfalls);

/// The same for a journal: a machine whose devices cannot offload is no news unless it was asked
/// to.
std::string news(const ChildOffload& offload);

/// "software", "crypto offload", "packet offload"
std::string_view to_text(xfrm::OffloadMode mode);

}  // namespace xfrmd::ike::offload
