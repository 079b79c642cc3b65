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
    if (std::holds_alternative<xfrm::InstallPolicy>(operation)) ++report.policies;
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
            left.devices.push_back({interface.name, interface.if_id});
    return left;
}

SweepReport sweep(KernelRequests& kernel, const InterfaceTable& interfaces,
                  const config::Config& config) {
    SweepReport report;
    auto policies = kernel.dump_policies();
    auto sas = kernel.dump_sas();
    if (!policies)
        report.refusals.push_back(fmt::format("list policies: {}", error_text(policies.error())));
    if (!sas) report.refusals.push_back(fmt::format("list SAs: {}", error_text(sas.error())));
    const KernelState state{.policies = std::move(policies).value_or(KernelState{}.policies),
                            .sas = std::move(sas).value_or(KernelState{}.sas),
                            .interfaces = interfaces.xfrm_interfaces()};
    const auto operations = sweep_operations(state, config);
    const auto results = kernel.run(operations);
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].ok())
            count(report, operations[i]);
        else
            report.refusals.push_back(
                fmt::format("{}: {}", xfrm::to_text(operations[i]), results[i].to_text()));
    }
    report.left = left_behind(state, config);
    return report;
}

}  // namespace xfrmd::daemon
