// Why a phase 2 is as it is: the chain from its configuration to its traffic, link by link, and the
// first one that is not well.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ike/tunnel_overview.hpp"

namespace xfrmd::control {

enum class Verdict : std::uint8_t {
    ok,
    broken,
    pending,      ///< being worked on, or waited for: nothing is wrong so far
    not_reached,  ///< a link before it is not well
};

/// "not-reached"
const char* to_text(Verdict verdict);

struct Finding {
    ike::Link link{};
    Verdict verdict{};
    std::string text;
};

struct Explanation {
    std::string phase1, phase2;
    ike::Phase2Status state{};
    std::optional<ike::Link> link;  ///< the first that is broken or pending; none: all is well
    std::optional<ike::Reason> reason;
    std::string message;  ///< what happened, in both sides' values as far as they are known
    std::string ours;     ///< our value of what the ends do not agree on
    std::string theirs;   ///< the peer's, if it has told
    std::optional<Instant> next_attempt;
    std::vector<Finding> chain;  ///< one for each link, in order
};

/// `phase2` is one of the tunnel's.
Explanation explain(const ike::TunnelOverview& tunnel, const ike::Phase2View& phase2, Instant now);

}  // namespace xfrmd::control
