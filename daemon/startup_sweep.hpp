// Takes away what a predecessor has left in the kernel: by our own numbers, one by one, and at a
// start without a moment in which its packets could leave in clear text.
#pragma once

#include <string>
#include <vector>

#include "config/model.hpp"
#include "daemon/interface_table.hpp"
#include "daemon/kernel_requests.hpp"

namespace xfrmd::daemon {

struct SweepReport {
    std::size_t policies = 0;
    std::size_t sas = 0;
    std::size_t interfaces = 0;
    std::vector<std::string> refusals;  ///< one line each
    ike::LeftBehind left;               ///< for the engine: what the configuration may take over

    bool found_something() const { return policies + sas + interfaces > 0; }
};

/// What is there, anybody's.
struct KernelState {
    std::vector<xfrm::PolicyStatus> policies;
    std::vector<xfrm::SaStatus> sas;
    std::vector<XfrmInterface> interfaces;
};

/// The operations for what bears our numbers: policies come first and block from then on, SAs go.
/// Interfaces of tunnels that are configured stay, with what was routed to them; the others go.
std::vector<xfrm::Operation> sweep_operations(const KernelState& state,
                                              const config::Config& config);
/// What stays, for the engine.
ike::LeftBehind left_behind(const KernelState& state, const config::Config& config);

SweepReport sweep(KernelRequests& kernel, const InterfaceTable& interfaces,
                  const config::Config& config);

/// The operations that take away all that bears our numbers, for somebody who is done with us.
std::vector<xfrm::Operation> removal_operations(const KernelState& state);
SweepReport remove_all(KernelRequests& kernel, const InterfaceTable& interfaces);

}  // namespace xfrmd::daemon
