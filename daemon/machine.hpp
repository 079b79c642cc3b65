// Everything of the machine that the daemon holds open.
#pragma once

#include <expected>
#include <optional>

#include "daemon/event_loop.hpp"
#include "daemon/interface_watch.hpp"
#include "daemon/kernel_events.hpp"
#include "daemon/kernel_requests.hpp"
#include "daemon/key_log.hpp"
#include "daemon/name_resolver.hpp"
#include "daemon/options.hpp"
#include "daemon/udp_sockets.hpp"

namespace xfrmd::daemon {

struct Machine {
    KernelRequests requests;
    KernelEvents events;
    InterfaceWatch interfaces;
    UdpSockets sockets;
    NameResolver names;
    std::optional<KeyLogFile> key_log;
    bool control_is_inherited = false;
    FileDescriptor control;             ///< the API's listening socket; closed: there is none
    std::vector<std::string> warnings;  ///< what is missing but not needed by everybody
    EventLoop loop;                     ///< last: it refers to the descriptors of the others
};

std::expected<Machine, Failure> open_machine(const Options& options);

}  // namespace xfrmd::daemon
