#include "daemon/machine.hpp"

#include "base/try.hpp"
#include "daemon/capabilities.hpp"
#include "daemon/stream_listener.hpp"

namespace xfrmd::daemon {

std::expected<Machine, Failure> open_machine(const Options& options) {
    XFRMD_TRY(check_capabilities());
    auto requests = XFRMD_TRY(KernelRequests::open());
    XFRMD_TRY(requests.probe_features());
    auto events = XFRMD_TRY(KernelEvents::open(requests.port_id()));
    auto interfaces = XFRMD_TRY(InterfaceWatch::open());
    auto inherited = inherited_sockets();
    FileDescriptor control = take_inherited_listener(inherited, options.control);
    const bool is_inherited = control.is_open();
    std::vector<std::string> warnings;
    if (!control.is_open() && !options.control.empty()) {
        // Tunnels matter more than being asked about them.
        if (auto listener = listen_at_path(options.control))
            control = *std::move(listener);
        else
            warnings.push_back("no control socket: " + listener.error());
    }
    auto sockets = XFRMD_TRY(UdpSockets::open(std::move(inherited)));
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
                   .control_is_inherited = is_inherited,
                   .control = std::move(control),
                   .warnings = std::move(warnings),
                   .loop = std::move(loop)};
}

}  // namespace xfrmd::daemon
