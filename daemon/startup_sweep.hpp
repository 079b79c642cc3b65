// Takes away what a predecessor that crashed has left in the kernel: by our own numbers, one by
// one.
#pragma once

#include <string>
#include <vector>

#include "daemon/interface_table.hpp"
#include "daemon/kernel_requests.hpp"

namespace xfrmd::daemon {

struct SweepReport {
    std::size_t policies = 0;
    std::size_t sas = 0;
    std::size_t interfaces = 0;
    std::vector<std::string> refusals;  ///< one line each

    bool found_something() const { return policies + sas + interfaces > 0; }
};

/// The operations that take away what bears our numbers. Policies go first: an outbound one without
/// an SA swallows traffic.
std::vector<xfrm::Operation> sweep_operations(const std::vector<xfrm::PolicyStatus>& policies,
                                              const std::vector<xfrm::SaStatus>& sas,
                                              const std::vector<XfrmInterface>& interfaces);

SweepReport sweep(KernelRequests& kernel, const InterfaceTable& interfaces);

}  // namespace xfrmd::daemon
