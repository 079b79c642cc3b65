// The way back: from what is in effect to the entry that would say so.
#pragma once

#include "config/settings.hpp"

namespace xfrmd::config {

// Their tables write them as --show-full writes the entry that was loaded, but for what the model
// has no use for: where a secret lies, and in which of several ways a value was spelled.

Phase1Entry entry_of(const Phase1& phase1);
Phase2Entry entry_of(const Phase2& phase2);
DaemonEntry entry_of(const DaemonOptions& daemon);

}  // namespace xfrmd::config
