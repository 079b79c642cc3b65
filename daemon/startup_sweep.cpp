#include "daemon/startup_sweep.hpp"

#include <fmt/format.h>

#include "daemon/error_text.hpp"

namespace xfrmd::daemon {
namespace {

/// Interface ids are ours by the same prefix as reqids.
bool is_own(const XfrmInterface& interface) {
    return (interface.if_id.value() & xfrm::own_prefix_mask) == xfrm::own_reqid_prefix;
}

void count(SweepReport& report, const xfrm::Operation& operation) {
    if (std::holds_alternative<xfrm::InstallPolicy>(operation) ||
        std::holds_alternative<xfrm::DeletePolicy>(operation))
        ++report.policies;
    if (std::holds_alternative<xfrm::DeleteSa>(operation)) ++report.sas;
    if (std::holds_alternative<xfrm::DeleteInterface>(operation)) ++report.interfaces;
}

}  // namespace

std::vector<xfrm::Operation> sweep_operations(const KernelState& state,
                                              const config::Config& config) {
    std::vector<xfrm::Operation> operations;
    for (const xfrm::PolicyStatus& policy : state.policies)
        if (xfrm::is_own(policy)) operations.emplace_back(xfrm::blocking(policy));
    for (const xfrm::SaStatus& sa : state.sas)
        // An SA without an SPI is an acquire that waits: it cannot be deleted and ends by itself.
        if (xfrm::is_own(sa.reqid) && sa.spi != EspSpi{})
            operations.emplace_back(
                xfrm::DeleteSa{.source = sa.source, .destination = sa.destination, .spi = sa.spi});
    for (const XfrmInterface& interface : state.interfaces)
        if (is_own(interface) && !config.has_device(interface.name))
            operations.emplace_back(
                xfrm::DeleteInterface{.name = interface.name, .if_id = interface.if_id});
    return operations;
}

ike::LeftBehind left_behind(const KernelState& state, const config::Config& config) {
    ike::LeftBehind left;
    for (const xfrm::PolicyStatus& policy : state.policies)
        if (xfrm::is_own(policy)) left.policies.push_back(policy);
    for (const XfrmInterface& interface : state.interfaces)
        if (is_own(interface) && config.has_device(interface.name))
            left.devices.push_back({interface.name, interface.if_id, interface.underlay_index});
    return left;
}

std::vector<xfrm::Operation> removal_operations(const KernelState& state) {
    std::vector<xfrm::Operation> operations;
    for (xfrm::Operation& operation : sweep_operations(state, config::Config{}))
        if (!std::holds_alternative<xfrm::InstallPolicy>(operation))
            operations.push_back(std::move(operation));
    for (const xfrm::PolicyStatus& policy : state.policies)
        if (xfrm::is_own(policy))
            operations.emplace_back(xfrm::DeletePolicy{
                .direction = policy.direction, .selector = policy.selector, .if_id = policy.if_id});
    return operations;
}

namespace {

KernelState look_at(KernelRequests& kernel, const InterfaceTable& interfaces, SweepReport& report) {
    auto policies = kernel.dump_policies();
    auto sas = kernel.dump_sas();
    if (!policies)
        report.refusals.push_back(fmt::format("list policies: {}", error_text(policies.error())));
    if (!sas) report.refusals.push_back(fmt::format("list SAs: {}", error_text(sas.error())));
    return {.policies = std::move(policies).value_or(KernelState{}.policies),
            .sas = std::move(sas).value_or(KernelState{}.sas),
            .interfaces = interfaces.xfrm_interfaces()};
}

void run(KernelRequests& kernel, const std::vector<xfrm::Operation>& operations,
         SweepReport& report) {
    const auto results = kernel.run(operations);
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].ok())
            count(report, operations[i]);
        else
            report.refusals.push_back(
                fmt::format("{}: {}", xfrm::to_text(operations[i]), results[i].to_text()));
    }
}

}  // namespace

SweepReport sweep(KernelRequests& kernel, const InterfaceTable& interfaces,
                  const config::Config& config) {
    SweepReport report;
    const KernelState state = look_at(kernel, interfaces, report);
    run(kernel, sweep_operations(state, config), report);
    report.left = left_behind(state, config);
    return report;
}

SweepReport remove_all(KernelRequests& kernel, const InterfaceTable& interfaces) {
    SweepReport report;
    const KernelState state = look_at(kernel, interfaces, report);
    run(kernel, removal_operations(state), report);
    return report;
}

}  // namespace xfrmd::daemon
