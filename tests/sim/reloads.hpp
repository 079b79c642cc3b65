// What tests of reloads share: a tunnel to reload, and what the kernel is asked for with that.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/rekeying.hpp"

namespace xfrmd::test {

/// The SPIs of the kernel's SAs by the phase 2's reqid.
std::multimap<Reqid, EspSpi> sas_by_reqid(const Gateway& gateway);

/// Reloads, and returns what the kernel was asked for with that, a line for each operation.
std::vector<std::string> reload_watched(Gateway& gateway, std::vector<config::Phase1> phase1s,
                                        ike::Now now);

/// The lines of reloads in the journal, their sums included.
std::vector<std::string> reload_lines(const Gateway& gateway);

/// A tunnel with two phase 2s, both of which are up.
struct Loaded : Rekeying {
    Loaded();

    static config::Phase1 west_phase1();
    static config::Phase1 east_phase1();

    /// Of the Child SAs of west's phase 2 at a place, inbound.
    std::set<EspSpi> spis(std::size_t phase2) const;
    /// How many phase 2s of west have Child SAs.
    std::size_t phase2s_up() const;
};

}  // namespace xfrmd::test
