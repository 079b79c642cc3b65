#include "ike/standing_policies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ike/traffic_selector_narrowing.hpp"
#include "xfrm/lookup_chain.hpp"
#include "xfrm/selectors.hpp"

namespace xfrmd::ike {
namespace {

std::vector<xfrm::Selector> kernel_selectors(const config::Phase2& phase2) {
    const SelectorSet configured = selectors_of(phase2.selectors);
    return xfrm::to_selectors(configured.local, configured.remote)
        .value_or(std::vector<xfrm::Selector>{});
}

}  // namespace

void StandingPolicies::put(Tunnel& tunnel) {
    const auto ends = ends_of(tunnel);
    if (ends && tunnel.standing_ends != ends) put(tunnel, *ends);
}

void StandingPolicies::renew(Tunnel& tunnel) {
    if (const auto ends = ends_of(tunnel)) put(tunnel, *ends);
}

/// Nothing for a tunnel that is to have no standing policies, or not yet.
std::optional<TunnelEnds> StandingPolicies::ends_of(const Tunnel& tunnel) const {
    const config::Phase1& phase1 = *tunnel.phase1;
    const bool has_place = !phase1.route_based || tunnel.interface_exists;
    if (phase1.type == config::GatewayType::dynamic || !has_place) return std::nullopt;
    TunnelEnds ends{context_.tunnels.local_address(phase1), tunnel.remote};
    // An interface without an address is one that is about to get another.
    if (!ends.local && tunnel.standing_ends) ends.local = tunnel.standing_ends->local;
    return ends;
}

void StandingPolicies::put(Tunnel& tunnel, const TunnelEnds& ends) {
    const config::Phase1& phase1 = *tunnel.phase1;
    tunnel.standing_ends = ends;
    tunnel.standing.resize(phase1.phase2s.size());
    PolicyUse use;
    use.blocked = !ends.local || !ends.remote;
    use.local = ends.local.value_or(IpAddress{});
    use.remote = ends.remote.value_or(IpAddress{});
    for (std::size_t i = 0; i < phase1.phase2s.size(); ++i) {
        use.owner.reqid = tunnel.reqids[i];
        use.reqid =
            xfrm::reqid_for(use.owner.reqid, xfrm::OffloadMode::none, use.local, use.remote);
        use.mode = phase1.phase2s[i].encapsulation == config::Encapsulation::transport
                       ? xfrm::Mode::transport
                       : xfrm::Mode::tunnel;
        put(tunnel, i, use);
    }
}

void StandingPolicies::put(Tunnel& tunnel, std::size_t phase2, const PolicyUse& use) {
    const config::Phase2& config = tunnel.phase1->phase2s[phase2];
    const auto selectors = kernel_selectors(config);
    if (selectors.empty())
        return tell(
            tunnel, phase2, EventKind::child_sa_failed, Reason::traffic_selectors_unacceptable,
            fmt::format("the kernel cannot match the selectors of phase 2 {}", config.name));
    PolicyTable& table = context_.policies;
    const auto inbound = table.claim(selectors, tunnel.if_id, standing_holder, use);
    if (!inbound)
        return tell(tunnel, phase2, EventKind::child_sa_failed,
                    Reason::traffic_selectors_unacceptable,
                    fmt::format("{} has the traffic of phase 2 {} already",
                                describe(inbound.error(), context_.tunnels), config.name));
    tunnel.standing[phase2] = true;
    std::vector<xfrm::Operation> operations;
    xfrm::append(operations, *inbound);
    xfrm::append(operations, table.activate(selectors, tunnel.if_id, standing_holder));
    if (!operations.empty())
        context_.request(StandingInstallation{tunnel.reqids[phase2]}, std::move(operations));
}

void StandingPolicies::remove(Tunnel& tunnel) {
    std::vector<xfrm::Operation> removal;
    for (std::size_t i = 0; i < tunnel.standing.size(); ++i)
        if (tunnel.standing[i]) release(tunnel, i, removal);
    tunnel.standing.clear();
    tunnel.standing_ends.reset();
    if (!removal.empty()) context_.request(Removal{}, std::move(removal));
}

void StandingPolicies::remove(Tunnel& tunnel, std::size_t phase2) {
    if (phase2 >= tunnel.standing.size() || !tunnel.standing[phase2]) return;
    std::vector<xfrm::Operation> removal;
    release(tunnel, phase2, removal);
    if (!removal.empty()) context_.request(Removal{}, std::move(removal));
}

void StandingPolicies::release(Tunnel& tunnel, std::size_t phase2,
                               std::vector<xfrm::Operation>& removal) {
    const auto selectors = kernel_selectors(tunnel.phase1->phase2s[phase2]);
    const PolicyChange change = context_.policies.release(selectors, tunnel.if_id, standing_holder);
    xfrm::append(removal, change.outbound);
    xfrm::append(removal, change.inbound);
    tunnel.standing[phase2] = false;
}

void StandingPolicies::on_answer(const StandingInstallation& installation,
                                 std::span<const PolicyStep> policies,
                                 std::span<const xfrm::OperationResult> results) {
    static const xfrm::OperationResult no_answer{ETIMEDOUT, "the kernel did not answer", {}};
    const auto place = context_.tunnels.find(installation.reqid);
    if (!place) return;
    const auto& [tunnel, phase2] = *place;
    if (phase2 >= tunnel->standing.size() || !tunnel->standing[phase2]) return;
    const auto result = [&](const PolicyStep& step) -> const xfrm::OperationResult& {
        return step.place < results.size() ? results[step.place] : no_answer;
    };
    const auto refused =
        std::ranges::find_if(policies, [&](const PolicyStep& step) { return !result(step).ok(); });
    if (refused == policies.end()) return;
    tell(*tunnel, phase2, EventKind::kernel_refused, Reason::kernel_refused,
         fmt::format("the kernel refuses to {}: {}", refused->to_text(),
                     result(*refused).to_text()));
    remove(*tunnel, phase2);
}

void StandingPolicies::tell(const Tunnel& tunnel, std::size_t phase2, EventKind kind, Reason reason,
                            std::string message) {
    Event event;
    event.kind = kind;
    event.severity = Severity::error;
    event.message = std::move(message);
    event.phase1 = tunnel.name();
    event.phase2 = tunnel.phase1->phase2s[phase2].name;
    event.reason = reason;
    context_.emit(std::move(event));
}

}  // namespace xfrmd::ike
