// What went wrong last with a tunnel or a phase 2: remembered for status and explain, and for
// nothing else.
#pragma once

#include <optional>
#include <string>

#include "base/ip_address.hpp"
#include "base/time.hpp"
#include "ike/event.hpp"
#include "ike/link.hpp"
#include "ike/reason.hpp"

namespace xfrmd::ike {

struct Trouble {
    Instant at;
    Link link{};
    Reason reason{};
    std::string message{};  ///< both sides' values, as far as they are known
    std::optional<Endpoint> peer{};
};

/// The link that a failure for this reason breaks. Some reasons can come up anywhere: they break
/// the one at which they did.
Link link_of(Reason reason, Link where);

/// What an event tells of a failure; nothing if it tells of none.
std::optional<Trouble> trouble_of(const Event& event, Instant now);

}  // namespace xfrmd::ike
