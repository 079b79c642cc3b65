#include "daemon/startup_sweep.hpp"

#include <fmt/format.h>

#include "daemon/error_text.hpp"

namespace xfrmd::daemon {
namespace {

bool is_own(const xfrm::PolicyStatus& policy) {
    return xfrm::is_own(policy.index) || (policy.tmpl && xfrm::is_own(policy.tmpl->reqid));
}

/// Interface ids are ours by the same prefix as reqids.
bool is_own(const XfrmInterface& interface) {
    return (interface.if_id.value() & xfrm::own_prefix_mask) == xfrm::own_reqid_prefix;
}

void count(SweepReport& report, const xfrm::Operation& operation) {
    if (std::holds_alternative<xfrm::DeletePolicy>(operation)) ++report.policies;
    if (std::holds_alternative<xfrm::DeleteSa>(operation)) ++report.sas;
    if (std::holds_alternative<xfrm::DeleteInterface>(operation)) ++report.interfaces;
}

}  // namespace

std::vector<xfrm::Operation> sweep_operations(const std::vector<xfrm::PolicyStatus>& policies,
                                              const std::vector<xfrm::SaStatus>& sas,
                                              const std::vector<XfrmInterface>& interfaces) {
    std::vector<xfrm::Operation> operations;
    for (const xfrm::PolicyStatus& policy : policies)
        if (is_own(policy))
            operations.push_back(xfrm::DeletePolicy{
                .direction = policy.direction, .selector = policy.selector, .if_id = policy.if_id});
    for (const xfrm::SaStatus& sa : sas)
        // An SA without an SPI is an acquire that waits: it cannot be deleted and ends by itself.
        if (xfrm::is_own(sa.reqid) && sa.spi != EspSpi{})
            operations.push_back(
                xfrm::DeleteSa{.source = sa.source, .destination = sa.destination, .spi = sa.spi});
    for (const XfrmInterface& interface : interfaces)
        if (is_own(interface))
            operations.push_back(
                xfrm::DeleteInterface{.name = interface.name, .if_id = interface.if_id});
    return operations;
}

SweepReport sweep(KernelRequests& kernel, const InterfaceTable& interfaces) {
    SweepReport report;
    const auto policies = kernel.dump_policies();
    const auto sas = kernel.dump_sas();
    if (!policies)
        report.refusals.push_back(fmt::format("list policies: {}", error_text(policies.error())));
    if (!sas) report.refusals.push_back(fmt::format("list SAs: {}", error_text(sas.error())));
    const auto operations =
        sweep_operations(policies.value_or(std::vector<xfrm::PolicyStatus>{}),
                         sas.value_or(std::vector<xfrm::SaStatus>{}), interfaces.xfrm_interfaces());
    const auto results = kernel.run(operations);
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].ok())
            count(report, operations[i]);
        else
            report.refusals.push_back(
                fmt::format("{}: {}", xfrm::to_text(operations[i]), results[i].to_text()));
    }
    return report;
}

}  // namespace xfrmd::daemon
