#include "ike/child_kernel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "ike/lifetimes.hpp"
#include "ike/nat_traversal.hpp"
#include "ike/tunnel_table.hpp"
#include "xfrm/install_child.hpp"
#include "xfrm/selectors.hpp"

namespace xfrmd::ike {
namespace {

using config::KeylifeType;
using xfrm::Direction;

/// Where the kernel tells that a limit is near.
std::uint64_t soft_limit(std::uint64_t hard, bool initiated) {
    return hard / 100 *
           (initiated ? lifetimes::soft_percent_initiator : lifetimes::soft_percent_responder);
}

xfrm::KernelLimits limits_of(const ChildSa& child, const config::Phase2& phase2) {
    xfrm::KernelLimits limits;
    if (phase2.keylife_type != KeylifeType::kbs)
        limits.hard_seconds =
            static_cast<std::uint64_t>((phase2.keylife + kernel_lifetime_margin).count());
    if (phase2.keylife_type != KeylifeType::seconds) {
        limits.hard_bytes = phase2.keylife_kilobytes * 1024;
        limits.soft_bytes = soft_limit(*limits.hard_bytes, child.initiated);
    }
    // When its numbers are used up the kernel sends no more (RFC 4303 section 3.3.3).
    if (child.suite.esn == wire::EsnId::no)
        limits.soft_packets = soft_limit(std::uint64_t{1} << 32, child.initiated);
    return limits;
}

std::optional<xfrm::OffloadRequest> offload_of(const IkeSa& sa, const ChildSa& child,
                                               const EngineContext& context) {
    const config::Phase2& phase2 = sa.phase1().phase2s[child.phase2];
    const config::Offload wish = phase2.offload.value_or(sa.phase1().offload);
    const Interface* device = context.tunnels.interface(sa.phase1().interface);
    // An SA has one selector. What crypto offload has decrypted passes without a policy, so with
    // several selectors a peer could send outside of them all.
    const bool too_wide = wish == config::Offload::crypto && child.policies.size() != 1;
    // Kernels refuse ESP in UDP, or take it and lose what comes in.
    if (device == nullptr || too_wide || child.in_udp) return std::nullopt;
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

/// What the policies are to do for a Child SA.
PolicyUse use_of(const IkeSa& sa, const ChildSa& child, const EngineContext& context) {
    PolicyUse use;
    use.owner.reqid = child.reqid;
    if (sa.phase1().type == config::GatewayType::dynamic)
        use.owner.peer = PeerName{sa.first_address, sa.peer_identity->data};
    use.local = child.path.local.address;
    use.remote = child.path.remote.address;
    use.mode = child.mode;
    use.offload = offload_of(sa, child, context);
    use.spi_out = child.spi_out;
    return use;
}

/// One of a Child SA's two SAs, without its keys.
xfrm::InstallSa half_of(const IkeSa& sa, const ChildSa& child, Direction direction,
                        const EngineContext& context) {
    const config::Phase2& phase2 = sa.phase1().phase2s[child.phase2];
    const bool is_out = direction == Direction::out;
    const Endpoint& source = is_out ? child.path.local : child.path.remote;
    const Endpoint& destination = is_out ? child.path.remote : child.path.local;
    xfrm::InstallSa half;
    half.direction = direction;
    half.source = source.address;
    half.destination = destination.address;
    half.spi = is_out ? child.spi_out : child.spi_in;
    half.reqid = child.reqid;
    half.if_id = sa.tunnel->if_id;
    half.mode = child.mode;
    half.suite = child.suite;
    half.replay_window = phase2.replay ? replay_window : 0;
    half.limits = limits_of(child, phase2);
    half.offload = offload_of(sa, child, context);
    if (child.in_udp) half.encapsulation = xfrm::Encapsulation{source.port, destination.port};
    return half;
}

/// The operations of an installation, without keys: the same list in the same order is made to
/// ask the kernel and, later, to understand its answers.
std::vector<xfrm::Operation> operations_of(const IkeSa& sa, const ChildSa& child,
                                           const EngineContext& context) {
    xfrm::ChildInstall install;
    install.selectors = child.policies;
    install.inbound_policies = child.asked_policies.inbound;
    install.outbound_policies = child.asked_policies.outbound;
    install.inbound = half_of(sa, child, Direction::in, context);
    install.outbound = half_of(sa, child, Direction::out, context);
    install.outbound.acquire_sequence = child.acquire_sequence;
    return xfrm::install_child(std::move(install));
}

xfrm::DeleteSa inbound_deletion(const ChildSa& child) {
    return {child.path.remote.address, child.path.local.address, child.spi_in};
}

xfrm::DeleteSa outbound_deletion(const ChildSa& child) {
    return {child.path.local.address, child.path.remote.address, child.spi_out};
}

void give_keys(std::vector<xfrm::Operation>& operations, bool initiated,
               const crypto::ChildKeys& keys) {
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

/// Undoes what was done of an installation and tells which operation the kernel refused.
ChildRefusal take_back(const IkeSa& sa, const ChildSa& child,
                       std::span<const xfrm::Operation> operations,
                       std::span<const xfrm::OperationResult> results, EngineContext& context) {
    static const xfrm::OperationResult no_answer{ETIMEDOUT, "the kernel did not answer", {}};
    bool is_in = false;
    bool is_out = false;
    std::optional<std::size_t> refused;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        const bool done = i < results.size() && results[i].ok();
        if (!done && !refused) refused = i;
        const auto* installed = std::get_if<xfrm::InstallSa>(&operations[i]);
        if (done && installed != nullptr)
            (installed->direction == Direction::in ? is_in : is_out) = true;
    }
    const std::size_t first = refused.value_or(0);
    ChildRefusal refusal =
        kernel_refusal(operations[first], first < results.size() ? results[first] : no_answer);

    const PolicyChange change =
        context.policies.release(child.policies, sa.tunnel->if_id, child.spi_in);
    std::vector<xfrm::Operation> undo;
    xfrm::append(undo, change.outbound);
    if (is_out) undo.emplace_back(outbound_deletion(child));
    xfrm::append(undo, change.inbound);
    if (is_in) undo.emplace_back(inbound_deletion(child));
    if (!undo.empty()) context.request(Removal{}, std::move(undo));
    return refusal;
}

}  // namespace

std::expected<void, ChildRefusal> install_child(IkeSa& sa, ChildPlan plan, EspSpi spi_in,
                                                const crypto::ChildKeys& keys, Activation when,
                                                EngineContext& context) {
    const auto refused = [](std::string message) {
        return std::unexpected(ChildRefusal{wire::NotifyType::ts_unacceptable,
                                            Reason::traffic_selectors_unacceptable,
                                            std::move(message)});
    };
    auto selectors = xfrm::to_selectors(plan.selectors.local, plan.selectors.remote);
    if (!selectors) return refused(std::string(xfrm::to_text(selectors.error())));
    ChildSa child;
    child.phase2 = plan.phase2;
    child.initiated = plan.initiated;
    child.replaces = plan.replaces;
    child.spi_in = spi_in;
    child.spi_out = plan.esp.peer_spi;
    child.path = sa.path();
    child.in_udp = nat_traversal::packs_into_udp(sa);
    child.reqid = sa.tunnel->reqids[plan.phase2];
    child.mode = plan.mode;
    child.suite = plan.esp.suite;
    child.selectors = std::move(plan.selectors);
    child.policies = std::move(*selectors);
    child.policies.shrink_to_fit();
    child.acquire_sequence = plan.acquire_sequence;

    // Two peers behind one NAT have one address.
    if (context.outbound_spis.contains({child.path.remote.address, child.spi_out}))
        return std::unexpected(
            ChildRefusal{wire::NotifyType::temporary_failure, Reason::kernel_refused,
                         fmt::format("the peer's SPI {:08x} is in use with its address already",
                                     child.spi_out.value())});
    const IfId if_id = sa.tunnel->if_id;
    auto inbound =
        context.policies.claim(child.policies, if_id, spi_in, use_of(sa, child, context));
    if (!inbound)
        return refused(fmt::format(
            "{} has traffic for {} <-> {} already", describe(inbound.error(), context.tunnels),
            to_text(child.selectors.local), to_text(child.selectors.remote)));
    child.asked_policies.inbound = *std::move(inbound);
    if (when == Activation::now)
        child.asked_policies.outbound = context.policies.activate(child.policies, if_id, spi_in);
    context.outbound_spis[{child.path.remote.address, child.spi_out}] = spi_in;

    auto operations = operations_of(sa, child, context);
    give_keys(operations, child.initiated, keys);
    sa.children.push_back(std::move(child));
    context.request(ChildInstallation{spi_in}, std::move(operations));
    return {};
}

void activate_child(const IkeSa& sa, const ChildSa& child, EngineContext& context) {
    std::vector<xfrm::Operation> operations;
    xfrm::append(operations,
                 context.policies.activate(child.policies, sa.tunnel->if_id, child.spi_in));
    if (!operations.empty()) context.request(PolicySwitch{}, std::move(operations));
}

void uninstall_child(const IkeSa& sa, const ChildSa& child, Inbound when, EngineContext& context) {
    const PolicyChange change =
        context.policies.release(child.policies, sa.tunnel->if_id, child.spi_in);
    const Traffic& read = child.traffic;
    const BookedSa out{outbound_deletion(child), false, read.outbound.packets, read.outbound.bytes};
    const BookedSa in{inbound_deletion(child), true, read.inbound.packets, read.inbound.bytes};
    Removal purpose{{out}};
    std::vector<xfrm::Operation> removal;
    xfrm::append(removal, change.outbound);
    remove_counted(out.sa, removal);
    xfrm::append(removal, change.inbound);
    if (when == Inbound::now) {
        remove_counted(in.sa, removal);
        purpose.booked.push_back(in);
    }
    context.request(std::move(purpose), std::move(removal));
    if (when == Inbound::now) return;
    const Duration time = when == Inbound::later ? retired_sa_grace : unanswered_retirement;
    context.retired_sas.retire(in, time, context);
}

void update_ports(const IkeSa& sa, const ChildSa& child, EngineContext& context) {
    std::vector<xfrm::Operation> operations;
    for (Direction direction : {Direction::in, Direction::out})
        operations.emplace_back(
            xfrm::update_ports(half_of(sa, child, direction, context), child.policies));
    context.request(PortUpdate{child.spi_in}, std::move(operations));
}

void forget_outbound_spi(const ChildSa& child, EngineContext& context) {
    const auto found = context.outbound_spis.find({child.path.remote.address, child.spi_out});
    if (found != context.outbound_spis.end() && found->second == child.spi_in)
        context.outbound_spis.erase(found);
}

InstallOutcome finish_install(IkeSa& sa, ChildSa& child,
                              std::span<const xfrm::OperationResult> results,
                              EngineContext& context) {
    InstallOutcome outcome;
    const auto operations = operations_of(sa, child, context);
    child.asked_policies = {};
    if (results.size() != operations.size() ||
        !std::ranges::all_of(results, &xfrm::OperationResult::ok)) {
        outcome.refusal = take_back(sa, child, operations, results, context);
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
        take_back(sa, child, operations, results, context);
        outcome.refusal = ChildRefusal{wire::NotifyType::no_proposal_chosen, Reason::kernel_refused,
                                       "offload-require is set, and the kernel did not offload"};
    }
    return outcome;
}

}  // namespace xfrmd::ike
