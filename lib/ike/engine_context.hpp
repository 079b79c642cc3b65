// What the engine lends to an IKE SA while it handles something: time, randomness, the kernel's
// numbers, and a queue for what shall go out. Nothing in it calls back.
#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/random.hpp"
#include "crypto/library.hpp"
#include "ike/engine.hpp"
#include "ike/input_output.hpp"
#include "ike/message_window.hpp"
#include "ike/policy_table.hpp"
#include "ike/reassembly.hpp"
#include "ike/report.hpp"
#include "ike/retired_sas.hpp"
#include "ike/tally.hpp"
#include "ike/timers.hpp"
#include "ike/tunnel_table.hpp"

namespace xfrmd::ike {

class IkeSaTable;

/// Why the kernel was asked; looked up by ticket when it answers.
struct ChildInstallation {
    EspSpi spi_in;
};
struct Removal {
    std::vector<BookedSa> booked;  ///< that it looks at once more before they go
};
struct CounterQuery {
    IkeSpi ike_sa;
};
/// Outbound policies lead elsewhere.
struct PolicySwitch {};
/// A Child SA's SAs get other ports.
struct PortUpdate {
    EspSpi spi_in;
};
struct InterfaceCreation {
    std::uint64_t tunnel = 0;
};
/// An interface that is there gets another underlay.
struct InterfaceChange {
    std::uint64_t tunnel = 0;
};
struct StandingInstallation {
    Reqid reqid;  ///< of the phase 2
};
/// Which way does an IKE SA's traffic take now?
struct RouteCheck {
    IkeSpi ike_sa;
};
using KernelPurpose =
    std::variant<ChildInstallation, Removal, PolicySwitch, PortUpdate, CounterQuery,
                 InterfaceCreation, InterfaceChange, StandingInstallation, RouteCheck>;

/// A request that the kernel has not answered yet.
struct OpenKernelRequest {
    KernelPurpose purpose;
    std::vector<PolicyStep> policies;
};

struct EngineContext {
    EngineContext(const crypto::Library& library, Random& random, EngineOptions options)
        : library(library), random(random), options(options) {}

    const crypto::Library& library;
    Random& random;
    const EngineOptions options;
    Now now;  ///< of the input being handled

    std::deque<Output> outputs;
    Timers timers;
    PolicyTable policies;
    /// Our inbound ESP SPIs and the IKE SA that each belongs to; retired ones belong to none.
    std::unordered_map<EspSpi, IkeSpi> esp_spis;
    /// The outbound halves, by the peer's address and SPI, and our SPI of the same Child SA.
    std::map<std::pair<IpAddress, EspSpi>, EspSpi> outbound_spis;
    RetiredSas retired_sas;
    std::unordered_map<Ticket, OpenKernelRequest> kernel_requests;
    /// ESP algorithms that this kernel refused when probed.
    std::vector<config::EspProposal> kernel_lacks;
    std::vector<OffloadTake> offload_takes;  ///< what devices were seen to take over
    TunnelTable tunnels;
    Tally tally;
    IkeSaTable* sas = nullptr;  ///< all IKE SAs; never null while something is handled

    FragmentBudget half_open_fragments;

    /// IKE SAs whose peers said that they remember no other one (RFC 7296 section 2.4).
    std::vector<IkeSpi> initial_contacts;
    /// IKE SAs that were ended by those who look after tunnels: the engine buries the dead.
    std::vector<IkeSpi> unsettled;
    /// What IKE SAs have to tell those who look after tunnels.
    std::deque<Report> reports;

    void transmit(const Endpoint& local, const Endpoint& remote, Datagrams message);
    void emit(Event event) {
        remember(event);
        outputs.emplace_back(std::move(event));
    }
    void request(KernelPurpose purpose, std::vector<xfrm::Operation> operations) {
        const Ticket ticket(next_ticket_++);
        kernel_requests.emplace(ticket, OpenKernelRequest{purpose, policy_steps(operations)});
        outputs.emplace_back(KernelRequest{ticket, std::move(operations)});
    }
    /// A time from 0 to `most`, so that what both ends do is not done at the same moment.
    Duration jitter(Duration most);
    /// A new inbound SPI for an IKE SA: unpredictable, not in use, outside of the reserved range.
    EspSpi take_esp_spi(IkeSpi ike_sa);

  private:
    /// Counts it, and keeps what it says of a failure where status finds it: apart from all else
    /// if anybody may have caused it.
    void remember(const Event& event);

    std::uint64_t next_ticket_ = 1;
};

}  // namespace xfrmd::ike
