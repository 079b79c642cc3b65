#include "ike/child_kernel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.hpp"
#include "ike/tunnel_table.hpp"
#include "xfrm/install_child.hpp"
#include "xfrm/selectors.hpp"

namespace xfrmd::ike {
namespace {

using config::KeylifeType;
using xfrm::Direction;

/// More specific policies win: each bit of a prefix, a protocol and a port make one more specific.
std::uint32_t priority_of(const xfrm::Selector& selector) {
    static constexpr std::uint32_t base = 400000;
    std::uint32_t specific =
        (selector.source.prefix_length + selector.destination.prefix_length) * 4U;
    if (selector.protocol != 0) specific += 2;
    if (selector.source_port_mask != 0 || selector.destination_port_mask != 0) specific += 1;
    return base - specific;
}

/// The selector as the policy table knows it: the outbound one.
xfrm::Selector outbound_selector(const xfrm::Selector& selector, Direction direction) {
    return direction == Direction::out ? selector : xfrm::reversed(selector);
}

xfrm::KernelLimits limits_of(const config::Phase2& phase2) {
    xfrm::KernelLimits limits;
    if (phase2.keylife_type != KeylifeType::kbs)
        limits.hard_seconds =
            static_cast<std::uint64_t>((phase2.keylife + kernel_lifetime_margin).count());
    if (phase2.keylife_type != KeylifeType::seconds)
        limits.hard_bytes = phase2.keylife_kilobytes * 1024;
    return limits;
}

std::optional<xfrm::OffloadRequest> offload_of(const IkeSa& sa, const config::Phase2& phase2,
                                               std::size_t selectors,
                                               const EngineContext& context) {
    const config::Offload wish = phase2.offload.value_or(sa.phase1().offload);
    const Interface* device = context.tunnels.interface(sa.phase1().interface);
    // An SA has one selector. What crypto offload has decrypted passes without a policy, so with
    // several selectors a peer could send outside of them all.
    const bool too_wide = wish == config::Offload::crypto && selectors != 1;
    if (device == nullptr || too_wide) return std::nullopt;
    // `automatic` stays in software until the ladder of modes with its policies is climbed
    // knowingly: crypto offload alone may fall back in silence.
    switch (wish) {
        case config::Offload::packet:
            return xfrm::OffloadRequest{device->index, xfrm::OffloadMode::packet};
        case config::Offload::crypto:
            return xfrm::OffloadRequest{device->index, xfrm::OffloadMode::crypto};
        case config::Offload::automatic:
        case config::Offload::none: return std::nullopt;
    }
    return std::nullopt;
}

xfrm::ChildPolicies policies_of(const IkeSa& sa, const ChildSa& child) {
    xfrm::ChildPolicies policies;
    policies.selectors = child.policies;
    policies.local = sa.local.address;
    policies.remote = sa.remote.address;
    policies.reqid = child.reqid;
    policies.if_id = sa.tunnel->if_id;
    policies.mode = child.mode;
    return policies;
}

/// The operations of an installation, without keys: the same list in the same order is made to
/// ask the kernel and, later, to undo what it did.
std::vector<xfrm::Operation> operations_of(const IkeSa& sa, const ChildSa& child,
                                           const EngineContext& context) {
    const config::Phase2& phase2 = sa.phase1().phase2s[child.phase2];
    xfrm::ChildInstall install;
    install.policies = policies_of(sa, child);
    install.policies.offload = offload_of(sa, phase2, child.policies.size(), context);
    for (auto* half : {&install.inbound, &install.outbound}) {
        half->reqid = child.reqid;
        half->if_id = sa.tunnel->if_id;
        half->mode = child.mode;
        half->suite = child.suite;
        half->replay_window = phase2.replay ? replay_window : 0;
        half->limits = limits_of(phase2);
        half->offload = install.policies.offload;
    }
    install.inbound.direction = Direction::in;
    install.inbound.source = sa.remote.address;
    install.inbound.destination = sa.local.address;
    install.inbound.spi = child.spi_in;
    install.outbound.direction = Direction::out;
    install.outbound.source = sa.local.address;
    install.outbound.destination = sa.remote.address;
    install.outbound.spi = child.spi_out;

    auto operations = xfrm::install_child(std::move(install));
    for (xfrm::Operation& operation : operations) {
        auto* policy = std::get_if<xfrm::InstallPolicy>(&operation);
        if (policy == nullptr) continue;
        const auto outbound = outbound_selector(policy->selector, policy->direction);
        policy->index = context.policies.index(outbound, policy->if_id, policy->direction);
        policy->priority = priority_of(outbound);
        policy->replace = context.policies.is_shared(outbound, policy->if_id);
    }
    return operations;
}

void give_keys(std::vector<xfrm::Operation>& operations, bool initiated, const crypto::ChildKeys& keys) {
    for (xfrm::Operation& operation : operations) {
        auto* sa = std::get_if<xfrm::InstallSa>(&operation);
        if (sa == nullptr) continue;
        const bool from_initiator = (sa->direction == Direction::out) == initiated;
        sa->keys.encryption = (from_initiator ? keys.encryption_i : keys.encryption_r).clone();
        sa->keys.integrity = (from_initiator ? keys.integrity_i : keys.integrity_r).clone();
    }
}

/// What the peer is told of a kernel's refusal: what will not change by waiting is "no proposal".
wire::NotifyType notify_for(int error) {
    const bool permanent = error == ENOSYS || error == EOPNOTSUPP || error == EINVAL ||
                           error == ENOENT || error == EPROTONOSUPPORT;
    return permanent ? wire::NotifyType::no_proposal_chosen : wire::NotifyType::temporary_failure;
}

ChildRefusal kernel_refusal(const xfrm::Operation& operation, const xfrm::OperationResult& result) {
    return {
        notify_for(result.error), Reason::kernel_refused,
        fmt::format("the kernel refuses to {}: {}", xfrm::to_text(operation), result.to_text())};
}

void keep_shared_policies(std::vector<xfrm::Operation>& operations,
                          std::span<const xfrm::Selector> unused) {
    std::erase_if(operations, [unused](const xfrm::Operation& operation) {
        const auto* policy = std::get_if<xfrm::DeletePolicy>(&operation);
        return policy != nullptr &&
               std::ranges::find(unused, outbound_selector(policy->selector, policy->direction)) ==
                   unused.end();
    });
}

/// What offload-require asks for: the mode that is named, or any for `auto`.
xfrm::OffloadMode required_offload(const IkeSa& sa, const ChildSa& child) {
    switch (sa.phase1().phase2s[child.phase2].offload.value_or(sa.phase1().offload)) {
        case config::Offload::packet: return xfrm::OffloadMode::packet;
        case config::Offload::crypto:
        case config::Offload::automatic: return xfrm::OffloadMode::crypto;
        case config::Offload::none: return xfrm::OffloadMode::none;
    }
    return xfrm::OffloadMode::none;
}

/// Two SAs, each read back, and for each selector the policies of its mode's directions.
std::size_t operation_count(const ChildSa& child) {
    const std::size_t directions = child.mode == xfrm::Mode::tunnel ? 3 : 2;
    return 4 + directions * child.policies.size();
}

/// Undoes what was done of an installation and tells which operation the kernel refused.
ChildRefusal take_back(const IkeSa& sa, const ChildSa& child,
                       std::span<const xfrm::OperationResult> results, EngineContext& context) {
    static const xfrm::OperationResult no_answer{ETIMEDOUT, "the kernel did not answer", {}};
    const auto operations = operations_of(sa, child, context);
    XFRMD_ASSERT(operations.size() == operation_count(child));
    std::size_t refused = 0;
    while (refused < results.size() && results[refused].ok())
        ++refused;
    const xfrm::OperationResult& result = refused < results.size() ? results[refused] : no_answer;
    ChildRefusal refusal =
        kernel_refusal(operations[std::min(refused, operations.size() - 1)], result);
    auto undo = xfrm::undo(operations, results);
    keep_shared_policies(undo, context.policies.release(child.policies, sa.tunnel->if_id));
    if (!undo.empty()) context.request(Removal{}, std::move(undo));
    return refusal;
}

}  // namespace

std::expected<void, ChildRefusal> install_child(IkeSa& sa, ChildPlan plan, EspSpi spi_in,
                                                const crypto::ChildKeys& keys, Activation,
                                                EngineContext& context) {
    const auto refused = [](std::string message) {
        return std::unexpected(ChildRefusal{wire::NotifyType::ts_unacceptable,
                                            Reason::traffic_selectors_unacceptable,
                                            std::move(message)});
    };
    auto selectors = xfrm::to_selectors(plan.selectors.local, plan.selectors.remote);
    if (!selectors) return refused(std::string(xfrm::to_text(selectors.error())));
    const Reqid reqid = sa.tunnel->reqids[plan.phase2];
    const PolicyOwner owner{reqid, sa.remote.address};
    if (const auto other = context.policies.claim(*selectors, sa.tunnel->if_id, owner))
        return refused(fmt::format("peer {} (reqid {:08x}) has traffic for {} <-> {} already",
                                   other->peer.to_text(), other->reqid.value(),
                                   to_text(plan.selectors.local), to_text(plan.selectors.remote)));
    ChildSa child;
    child.phase2 = plan.phase2;
    child.initiated = plan.initiated;
    child.replaces = plan.replaces;
    child.spi_in = spi_in;
    child.spi_out = plan.esp.peer_spi;
    child.reqid = reqid;
    child.mode = plan.mode;
    child.suite = plan.esp.suite;
    child.selectors = std::move(plan.selectors);
    child.policies = std::move(*selectors);
    child.policies.shrink_to_fit();
    context.outbound_spis[{sa.remote.address, child.spi_out}] = spi_in;

    auto operations = operations_of(sa, child, context);
    give_keys(operations, child.initiated, keys);
    sa.children.push_back(std::move(child));
    context.request(ChildInstallation{spi_in}, std::move(operations));
    return {};
}

void activate_child(const IkeSa&, const ChildSa&, EngineContext&) {}

void uninstall_child(const IkeSa& sa, const ChildSa& child, Inbound, EngineContext& context) {
    std::vector<xfrm::Operation> removal;
    for (const auto& policy : xfrm::outbound_policies(policies_of(sa, child)))
        removal.emplace_back(xfrm::DeletePolicy{policy.direction, policy.selector, policy.if_id});
    removal.emplace_back(xfrm::DeleteSa{sa.local.address, sa.remote.address, child.spi_out});
    for (const auto& policy : xfrm::inbound_policies(policies_of(sa, child)))
        removal.emplace_back(xfrm::DeletePolicy{policy.direction, policy.selector, policy.if_id});
    removal.emplace_back(xfrm::DeleteSa{sa.remote.address, sa.local.address, child.spi_in});
    keep_shared_policies(removal, context.policies.release(child.policies, sa.tunnel->if_id));
    context.request(Removal{}, std::move(removal));
}

InstallOutcome finish_install(IkeSa& sa, const ChildSa& child,
                              std::span<const xfrm::OperationResult> results,
                              EngineContext& context) {
    InstallOutcome outcome;
    if (results.size() != operation_count(child) ||
        !std::ranges::all_of(results, &xfrm::OperationResult::ok)) {
        outcome.refusal = take_back(sa, child, results, context);
        return outcome;
    }
    // The last two operations read both SAs back.
    const auto read_back = [](const xfrm::OperationResult& result) {
        const auto* status = std::get_if<xfrm::SaStatus>(&result.status);
        return status != nullptr ? *status : xfrm::SaStatus{};
    };
    outcome.inbound = read_back(results[results.size() - 2]);
    outcome.outbound = read_back(results.back());
    const xfrm::OffloadMode least = std::min(outcome.inbound.offload, outcome.outbound.offload);
    if (sa.phase1().offload_require && least < required_offload(sa, child)) {
        take_back(sa, child, results, context);
        outcome.refusal = ChildRefusal{wire::NotifyType::no_proposal_chosen, Reason::kernel_refused,
                                       "offload-require is set, and the kernel did not offload"};
    }
    return outcome;
}

}  // namespace xfrmd::ike
