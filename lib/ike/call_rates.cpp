#include "ike/call_rates.hpp"

#include <algorithm>

#include "ike/half_open.hpp"

namespace xfrmd::ike {

bool CallRates::try_take(const IpAddress& caller, std::size_t burst, Instant now) {
    const IpAddress prefix = caller_prefix(caller);
    if (used_.size() >= most && !used_.contains(prefix)) {
        forget_idle(now);
        if (used_.size() >= most) return true;
    }
    return used_[prefix].try_take(
        {static_cast<std::uint32_t>(std::max(burst, least_burst)), interval}, now);
}

/// At most once in a second: it costs a walk over the table.
void CallRates::forget_idle(Instant now) {
    if (now < forgot_ + std::chrono::seconds(1)) return;
    forgot_ = now;
    std::erase_if(used_, [now](const auto& entry) { return entry.second.is_unused(now); });
}

}  // namespace xfrmd::ike
