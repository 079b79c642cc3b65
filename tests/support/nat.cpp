#include "support/nat.hpp"

namespace xfrmd::test {

void Nat::restart() {
    flows_.clear();
}

void Nat::restart(const IpAddress& outer) {
    outer_ = outer;
    restart();
}

std::uint16_t Nat::port_for(const Endpoint& inner) {
    for (const auto& [port, end] : forwards_)
        if (end == inner) return port;
    return next_port_++;
}

Endpoint Nat::outward(const Endpoint& inner, const Endpoint& destination, Instant now) {
    const Ends ends{inner, destination};
    const auto known = flows_.find(ends);
    if (known != flows_.end() && now >= known->second.last_used + timeout) flows_.erase(known);
    const auto [flow, is_new] = flows_.try_emplace(ends);
    if (is_new) flow->second.port = port_for(inner);
    flow->second.last_used = now;
    return {outer_, flow->second.port};
}

std::optional<Endpoint> Nat::inward(const Endpoint& source, std::uint16_t port, Instant now) {
    for (auto& [ends, flow] : flows_) {
        if (flow.port != port || ends.second != source || now >= flow.last_used + timeout) continue;
        flow.last_used = now;
        return ends.first;
    }
    const auto forward = forwards_.find(port);
    if (forward == forwards_.end()) return std::nullopt;
    flows_[{forward->second, source}] = {port, now};
    return forward->second;
}

}  // namespace xfrmd::test
