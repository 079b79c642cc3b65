// Requests of the control API as values.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "control/reply.hpp"
#include "ike/event.hpp"

namespace xfrmd::control {

// Of org.varlink.service.
struct GetInfo {};
struct GetInterfaceDescription {
    std::string interface;
};

// Of io.xfrmd.Control. Names that are empty were not given.
struct GetStatus {
    std::string phase1;
};
struct BringUp {
    std::string phase1;
    std::string phase2;
};
struct TakeDown {
    std::string phase1;
};
struct Rekey {
    std::string phase1;
    std::string phase2;
};
struct ReloadConfiguration {};
struct PlanReload {};
struct ProbeOffload {};
struct Explain {
    std::string phase1;
    std::string phase2;
};
struct Monitor {
    std::string phase1;
    ike::Severity least = ike::Severity::info;  ///< events that are less severe are left out
};
struct GetCounters {};
struct SetLogLevel {
    ike::Severity level{};
};

using Request = std::variant<GetInfo, GetInterfaceDescription, GetStatus, BringUp, TakeDown, Rekey,
                             ReloadConfiguration, PlanReload, ProbeOffload, Explain, Monitor,
                             GetCounters, SetLogLevel>;

/// A request with the wishes of whoever sent it.
struct Call {
    Request request;
    bool more = false;    ///< several replies are welcome
    bool oneway = false;  ///< none is
};

/// Not a call at all: the stream is of no use any more.
struct NotACall {};

using CallError = std::variant<NotACall, ErrorReply>;

/// Reads one message. Bounded in time and memory whatever the octets are: this is what strangers
/// reach.
std::expected<Call, CallError> read_call(std::string_view message);

/// True for what whoever may look may ask. Plan changes nothing, but reads all secrets and takes as
/// long as a reload: it is not one of them. Nor is Offload, which tries things out in the kernel.
bool is_read_only(const Request& request);

/// "Down of to-hq", for the journal.
std::string describe(const Request& request);

/// "error", "warning", "notice", "info", "debug".
std::string_view level_name(ike::Severity level);

}  // namespace xfrmd::control
