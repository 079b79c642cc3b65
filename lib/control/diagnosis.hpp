// The first link of the chain that is not well.
#pragma once

#include <optional>
#include <string>

#include "control/explain.hpp"

namespace xfrmd::control {

struct Diagnosis {
    ike::Link link{};
    Verdict verdict = Verdict::broken;
    std::optional<ike::Reason> reason{};
    std::string text{};
    bool without_contact = false;  ///< the peer was not even called: nothing is known of it
};

/// Nobody's fault: a peer that has to begin, a keylife that ended while nothing was sent.
bool is_usual(ike::Reason reason, ike::DesiredState desired);

/// What there is to say of the traffic of a phase 2 that is up, and is nothing to mend here: a peer
/// that is there and sends nothing back, some damaged packets among good ones. Empty: nothing.
std::string data_note(const ike::Phase2View& phase2);

/// Nothing if all is well.
std::optional<Diagnosis> diagnose(const ike::TunnelOverview& tunnel, const ike::Phase2View& phase2,
                                  Instant now);

}  // namespace xfrmd::control
