#include "ike/timers.hpp"

namespace xfrmd::ike {

void Timers::arm(TimerKey key, Instant at) {
    cancel(key);
    times_.emplace(key, at);
    order_.insert({at, key});
}

void Timers::cancel(TimerKey key) {
    const auto found = times_.find(key);
    if (found == times_.end()) return;
    order_.erase({found->second, key});
    times_.erase(found);
}

std::optional<Instant> Timers::next() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->at;
}

std::optional<TimerKey> Timers::take_due(Instant now) {
    if (order_.empty() || order_.begin()->at > now) return std::nullopt;
    const TimerKey key = order_.begin()->key;
    cancel(key);
    return key;
}

}  // namespace xfrmd::ike
