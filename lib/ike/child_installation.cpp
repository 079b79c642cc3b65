// How a Child SA gets into the kernel, on the highest rung of offload that can be had.
//
// On a rung with offload its SAs are asked for alone: what they are led by is touched when the
// device has taken both, so that a refusal costs no packet. In software, where nothing is expected
// to be refused, SAs and policies go together.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "ike/child_halves.hpp"
#include "ike/child_kernel.hpp"
#include "ike/child_policies.hpp"
#include "ike/nat_traversal.hpp"
#include "ike/offload_ladder.hpp"
#include "ike/tunnel_table.hpp"
#include "xfrm/install_child.hpp"
#include "xfrm/selectors.hpp"

namespace xfrmd::ike {
namespace {

using Results = std::span<const xfrm::OperationResult>;
using Outcome = std::optional<InstallOutcome>;
using Step = Installation::Step;
using xfrm::Direction;
using xfrm::OffloadMode;

Outcome ask_next(IkeSa& sa, ChildSa& child, EngineContext& context);

Outcome failed(ChildRefusal refusal) {
    InstallOutcome outcome;
    outcome.refusal = std::move(refusal);
    return outcome;
}

// ---- What is asked -----------------------------------------------------------------------------

/// Without keys: the same operations are made to ask the kernel and, later, to understand its
/// answers.
xfrm::ChildInstall install_of(const IkeSa& sa, const ChildSa& child) {
    xfrm::ChildInstall install;
    install.selectors = child.policies;
    install.inbound_policies = child.asked_policies.inbound;
    install.outbound_policies = child.asked_policies.outbound;
    install.inbound = half_of(sa, child, Direction::in);
    install.outbound = half_of(sa, child, Direction::out);
    install.outbound.acquire_sequence = child.acquire_sequence;
    return install;
}

std::vector<xfrm::Operation> operations_of(const IkeSa& sa, const ChildSa& child) {
    switch (child.installation->step) {
        case Step::route: break;
        case Step::offloaded_sas: return xfrm::install_sas(install_of(sa, child));
        case Step::policies: return xfrm::install_policies(install_of(sa, child));
        case Step::all_at_once: return xfrm::install_child(install_of(sa, child));
    }
    std::vector<xfrm::Operation> question;
    question.emplace_back(xfrm::QueryRoute{child.path.local.address, child.path.remote.address});
    return question;
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

void ask(const IkeSa& sa, ChildSa& child, Step step, EngineContext& context) {
    child.installation->step = step;
    auto operations = operations_of(sa, child);
    give_keys(operations, child.initiated, child.installation->keys);
    context.request(ChildInstallation{child.spi_in}, std::move(operations));
}

ChildRefusal cannot_match(std::string message) {
    return {wire::NotifyType::ts_unacceptable, Reason::traffic_selectors_unacceptable,
            std::move(message)};
}

ChildRefusal owned_already(const ChildSa& child, const PolicyOwner& owner,
                           const EngineContext& context) {
    return cannot_match(
        fmt::format("{} has traffic for {} <-> {} already", describe(owner, context.tunnels),
                    to_text(child.selectors.local), to_text(child.selectors.remote)));
}

/// Asks for the policies, with the SAs or behind them.
Outcome ask_with_policies(const IkeSa& sa, ChildSa& child, Step step, EngineContext& context) {
    auto change = take_policies(sa, child, child.installation->when, context);
    if (!change) return failed(owned_already(child, change.error(), context));
    child.asked_policies = *std::move(change);
    ask(sa, child, step, context);
    return std::nullopt;
}

/// Asks for the highest rung that is left.
Outcome ask_next(IkeSa& sa, ChildSa& child, EngineContext& context) {
    if (child.offload.rungs.empty()) return failed(offload::refusal_of(child.offload));
    if (child.offload.rung() == OffloadMode::none)
        return ask_with_policies(sa, child, Step::all_at_once, context);
    ask(sa, child, offload::wants_device(child.offload) ? Step::route : Step::offloaded_sas,
        context);
    return std::nullopt;
}

// ---- What is answered --------------------------------------------------------------------------

const xfrm::OperationResult& result_at(Results results, std::size_t place) {
    static const xfrm::OperationResult no_answer{ETIMEDOUT, "the kernel did not answer", {}};
    return place < results.size() ? results[place] : no_answer;
}

std::optional<std::size_t> first_refused(std::span<const xfrm::Operation> operations,
                                         Results results) {
    for (std::size_t i = 0; i < operations.size(); ++i)
        if (!result_at(results, i).ok()) return i;
    return std::nullopt;
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

/// The halves that the kernel has.
struct Halves {
    bool inbound = false, outbound = false;
};

Halves halves_there(std::span<const xfrm::Operation> operations, Results results) {
    Halves there;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        const auto* sa = std::get_if<xfrm::InstallSa>(&operations[i]);
        if (sa == nullptr || !result_at(results, i).ok()) continue;
        (sa->direction == Direction::in ? there.inbound : there.outbound) = true;
    }
    return there;
}

void take_back(const IkeSa& sa, ChildSa& child, const Halves& there, EngineContext& context) {
    const PolicyChange change = give_back_policies(sa, child, Inbound::now, context);
    child.holds_policies = false;
    std::vector<xfrm::Operation> undo;
    xfrm::append(undo, change.outbound);
    if (there.outbound) undo.emplace_back(outbound_deletion(child));
    xfrm::append(undo, change.inbound);
    if (there.inbound) undo.emplace_back(inbound_deletion(child));
    if (!undo.empty()) context.request(Removal{}, std::move(undo));
}

xfrm::SaStatus read_back(const xfrm::OperationResult& result) {
    const auto* status = std::get_if<xfrm::SaStatus>(&result.status);
    return status != nullptr ? *status : xfrm::SaStatus{};
}

Outcome done(ChildSa& child, Results results) {
    child.installation.reset();
    child.asked_policies = {};
    InstallOutcome outcome;
    // The last two operations read both SAs back.
    outcome.inbound = read_back(results[results.size() - 2]);
    outcome.outbound = read_back(results.back());
    return outcome;
}

Outcome on_route(IkeSa& sa, ChildSa& child, Results results, EngineContext& context) {
    offload::on_route(child.offload, result_at(results, 0), context);
    return ask_next(sa, child, context);
}

/// The kernel's warning, if it gave one.
std::string fallback_words(Results results) {
    for (const xfrm::OperationResult& result : results)
        if (!result.message.empty()) return result.message;
    return "the kernel fell back to software and gave no reason";
}

/// Both SAs are there. The device may do less than it was asked for: in packet mode that will not
/// do, for the policies would be another's.
Outcome on_taken(IkeSa& sa, ChildSa& child, Results results, EngineContext& context) {
    const OffloadMode inbound = read_back(results[2]).offload;
    const OffloadMode outbound = read_back(results[3]).offload;
    const OffloadMode rung = child.offload.rung();
    const bool is_whole = inbound == rung && outbound == rung;
    const bool is_none = inbound == OffloadMode::none && outbound == OffloadMode::none;
    if (is_whole) return ask_with_policies(sa, child, Step::policies, context);
    const std::string why = fallback_words(results);
    if (rung == OffloadMode::crypto && is_none && offload::settle_in_software(child.offload, why))
        return ask_with_policies(sa, child, Step::policies, context);
    if (rung == OffloadMode::crypto && !is_none && !child.offload.required) {
        child.offload.shortfalls.push_back(
            {rung, fmt::format("{} alone: {}",
                               inbound == OffloadMode::none ? "inbound" : "outbound", why)});
        return ask_with_policies(sa, child, Step::policies, context);
    }
    take_back(sa, child, {true, true}, context);
    offload::climb_down(child.offload, why);
    return ask_next(sa, child, context);
}

Outcome on_offloaded_sas(IkeSa& sa, ChildSa& child, Results results, EngineContext& context) {
    const auto operations = operations_of(sa, child);
    const auto refused = first_refused(operations, results);
    if (!refused) return on_taken(sa, child, results, context);
    take_back(sa, child, halves_there(operations, results), context);
    const auto* refused_sa = std::get_if<xfrm::InstallSa>(&operations[*refused]);
    const bool is_inbound = refused_sa != nullptr && refused_sa->direction == Direction::in;
    offload::climb_down(child.offload, fmt::format("{} SA: {}", is_inbound ? "inbound" : "outbound",
                                                   result_at(results, *refused).to_text()));
    return ask_next(sa, child, context);
}

/// The first offloaded policy that the kernel says it does not offload.
bool lacks_policy_offload(Results results) {
    return std::ranges::any_of(results, [](const xfrm::OperationResult& result) {
        const auto* policy = std::get_if<xfrm::PolicyStatus>(&result.status);
        return policy != nullptr && policy->offload != OffloadMode::packet;
    });
}

Outcome on_policies(IkeSa& sa, ChildSa& child, Results results, EngineContext& context) {
    const auto operations = operations_of(sa, child);
    const auto refused = first_refused(operations, results);
    if (!refused && !lacks_policy_offload(results)) return done(child, results);
    take_back(sa, child, {true, true}, context);
    if (child.offload.rung() == OffloadMode::none)
        return failed(kernel_refusal(operations[*refused], result_at(results, *refused)));
    offload::climb_down(child.offload,
                        refused ? fmt::format("{}: {}", xfrm::to_text(operations[*refused]),
                                              result_at(results, *refused).to_text())
                                : "the kernel took the policies and does not offload them");
    return ask_next(sa, child, context);
}

Outcome on_all(IkeSa& sa, ChildSa& child, Results results, EngineContext& context) {
    const auto operations = operations_of(sa, child);
    const auto refused = first_refused(operations, results);
    if (!refused) return done(child, results);
    take_back(sa, child, halves_there(operations, results), context);
    return failed(kernel_refusal(operations[*refused], result_at(results, *refused)));
}

ChildSa child_of(const IkeSa& sa, ChildPlan plan, EspSpi spi_in,
                 std::vector<xfrm::Selector> policies) {
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
    child.policies = std::move(policies);
    child.policies.shrink_to_fit();
    child.acquire_sequence = plan.acquire_sequence;
    return child;
}

/// What is in the way of a Child SA whatever the kernel says.
std::optional<ChildRefusal> obstacle(const IkeSa& sa, const ChildSa& child,
                                     const EngineContext& context) {
    // Two peers behind one NAT have one address.
    if (context.outbound_spis.contains({child.path.remote.address, child.spi_out}))
        return ChildRefusal{wire::NotifyType::temporary_failure, Reason::kernel_refused,
                            fmt::format("the peer's SPI {:08x} is in use with its address already",
                                        child.spi_out.value())};
    const auto owner = other_owner(sa, child, context);
    if (owner) return owned_already(child, *owner, context);
    return std::nullopt;
}

std::unique_ptr<Installation> installation_with(const crypto::ChildKeys& keys, Activation when) {
    auto installation = std::make_unique<Installation>();
    installation->when = when;
    installation->keys = {keys.encryption_i.clone(), keys.integrity_i.clone(),
                          keys.encryption_r.clone(), keys.integrity_r.clone()};
    return installation;
}

}  // namespace

std::expected<void, ChildRefusal> install_child(IkeSa& sa, ChildPlan plan, EspSpi spi_in,
                                                const crypto::ChildKeys& keys, Activation when,
                                                EngineContext& context) {
    auto policies = xfrm::to_selectors(plan.selectors.local, plan.selectors.remote);
    if (!policies)
        return std::unexpected(cannot_match(std::string(xfrm::to_text(policies.error()))));
    ChildSa planned = child_of(sa, std::move(plan), spi_in, *std::move(policies));
    if (auto refusal = obstacle(sa, planned, context)) return std::unexpected(*std::move(refusal));
    planned.offload = offload::plan(sa, planned, context);
    planned.installation = installation_with(keys, when);
    sa.children.push_back(std::move(planned));
    ChildSa& child = sa.children.back();
    if (auto outcome = ask_next(sa, child, context)) {
        sa.children.pop_back();
        return std::unexpected(*std::move(outcome->refusal));
    }
    context.outbound_spis[{child.path.remote.address, child.spi_out}] = spi_in;
    return {};
}

std::optional<InstallOutcome> continue_install(IkeSa& sa, ChildSa& child,
                                               std::span<const xfrm::OperationResult> results,
                                               EngineContext& context) {
    switch (child.installation->step) {
        case Step::route: return on_route(sa, child, results, context);
        case Step::offloaded_sas: return on_offloaded_sas(sa, child, results, context);
        case Step::policies: return on_policies(sa, child, results, context);
        case Step::all_at_once: return on_all(sa, child, results, context);
    }
    return std::nullopt;
}

}  // namespace xfrmd::ike
