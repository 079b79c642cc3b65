#include "daemon/machine.hpp"

#include "base/try.hpp"
#include "daemon/capabilities.hpp"

namespace xfrmd::daemon {

std::expected<Machine, Failure> open_machine(const Options& options) {
    XFRMD_TRY(check_capabilities());
    auto requests = XFRMD_TRY(KernelRequests::open());
    XFRMD_TRY(requests.probe_features());
    auto events = XFRMD_TRY(KernelEvents::open(requests.port_id()));
    auto interfaces = XFRMD_TRY(InterfaceWatch::open());
    auto sockets = XFRMD_TRY(UdpSockets::open(inherited_sockets()));
    auto names = XFRMD_TRY(NameResolver::open());
    std::optional<KeyLogFile> key_log;
    if (options.key_log) key_log = XFRMD_TRY(KeyLogFile::open(*options.key_log));
    auto loop = XFRMD_TRY(EventLoop::create());
    return Machine{.requests = std::move(requests),
                   .events = std::move(events),
                   .interfaces = std::move(interfaces),
                   .sockets = std::move(sockets),
                   .names = std::move(names),
                   .key_log = std::move(key_log),
                   .loop = std::move(loop)};
}

}  // namespace xfrmd::daemon
