#include "daemon/sweep_command.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "base/try.hpp"
#include "daemon/capabilities.hpp"
#include "daemon/control_client.hpp"
#include "daemon/interface_watch.hpp"
#include "daemon/kernel_requests.hpp"
#include "daemon/startup_sweep.hpp"

namespace xfrmd::daemon {
namespace {

std::expected<SweepReport, Failure> remove_everything() {
    XFRMD_TRY(check_capabilities());
    auto requests = XFRMD_TRY(KernelRequests::open());
    XFRMD_TRY(requests.probe_features());
    const auto interfaces = XFRMD_TRY(InterfaceWatch::open());
    return remove_all(requests, interfaces.table());
}

}  // namespace

ExitCode run_sweep(const std::filesystem::path& control) {
    if (ControlClient::connect(control)) {
        fmt::print(stderr, "xfrmd is running: stop it first, it would put all of it back\n");
        return ExitCode::failure;
    }
    const auto report = remove_everything();
    if (!report) {
        fmt::print(stderr, "{}\n", report.error().message);
        return report.error().code;
    }
    if (report->found_something())
        fmt::print("removed {} interfaces, {} policies, {} SAs\n", report->interfaces,
                   report->policies, report->sas);
    for (const std::string& refusal : report->refusals)
        fmt::print(stderr, "cannot remove: {}\n", refusal);
    return report->refusals.empty() ? ExitCode::ok : ExitCode::failure;
}

}  // namespace xfrmd::daemon
