// A Child SA: a pair of ESP SAs, one in each direction, with the policies that lead traffic to them
// (RFC 7296 section 2.17; RFC 4301).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/strong.hpp"
#include "base/time.hpp"
#include "crypto/key_schedule.hpp"
#include "crypto/suite.hpp"
#include "ike/child_offload.hpp"
#include "ike/path.hpp"
#include "ike/policy_table.hpp"
#include "ike/traffic_selector_narrowing.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

enum class ChildState : std::uint8_t {
    installing,   ///< the kernel was asked and has not answered
    established,  ///< both directions are in the kernel
};

/// How far a Child SA is on its way to its end by time.
enum class Age : std::uint8_t {
    young,
    ripe,  ///< its counters were read, so that traffic of the last minute can be told
    old,   ///< it wants a successor, if there is traffic or the configuration says so
};

/// Packets on a Child SA as the kernel counted them when it was last asked.
struct Traffic {
    std::uint64_t packets_in = 0;
    std::uint64_t packets_out = 0;
    /// Some packet passed after this time: the reading before the one that showed growth. None
    /// yet: the epoch.
    Instant last_used;
    Instant last_in, last_out;  ///< the same for each direction
    /// What the kernel holds; an SPI of 0: not read yet.
    xfrm::SaStatus inbound, outbound;
    bool lost = false;  ///< one of them was not there any more
};

/// When outbound packets go to a new Child SA.
enum class Activation : std::uint8_t {
    now,    ///< as soon as it is in the kernel: first Child SAs, and rekeys as initiator
    later,  ///< by activate_child: the responder of a rekey goes on with the old one until the peer
            ///< is known to have the new one
};

/// What a Child SA's installation needs until the kernel has taken it, or refused it for good.
struct Installation {
    /// What the kernel was asked last.
    enum class Step : std::uint8_t {
        route,          ///< which device is on the way to the peer
        offloaded_sas,  ///< both SAs, on a rung with offload; policies stay as they are
        policies,       ///< what leads to SAs that are there
        all_at_once,    ///< SAs and policies, in software
    };
    Step step = Step::all_at_once;
    Activation when = Activation::now;
    crypto::ChildKeys keys;
};

/// When a Child SA's inbound half leaves the kernel.
enum class Inbound : std::uint8_t {
    now,
    later,         ///< the peer has switched: after a grace for packets that are on their way
    after_answer,  ///< the peer switches when it reads our DELETE: the grace begins with its answer
};

/// A rekeyed Child SA lives on beside its successor until the end that asked for the rekey deletes
/// it (RFC 7296 section 2.8). Its keys are not kept: they are the kernel's once it is installed.
struct ChildSa {
    std::size_t phase2 = 0;  ///< place among the phase 1's phase2s
    ChildState state = ChildState::installing;
    bool initiated = false;  ///< we asked for it: its end is ours to prepare for first
    EspSpi spi_in;           ///< ours: the peer sends with it
    EspSpi spi_out;          ///< the peer's
    EspSpi replaces;         ///< our SPI of its predecessor; 0: none
    EspSpi replaced_by;      ///< our SPI of its successor; 0: none (yet)
    Instant established_at;
    Instant soft_end;  ///< when it wants a successor
    Age age = Age::young;
    bool wants_successor = false;  ///< decided: tried until there is one, or its end
    Traffic traffic;
    Path path;            ///< what its SAs in the kernel have; the peer may have moved since
    bool in_udp = false;  ///< with the ports of `path` (RFC 3948)
    Reqid reqid;          ///< of the phase 2; its SAs may have the odd one (xfrm/lookup_chain.hpp)
    xfrm::Mode mode = xfrm::Mode::tunnel;
    crypto::EspSuite suite;
    SelectorSet selectors;  ///< in order once it is established
    /// The kernel's form of `selectors`, outbound; what the policy table was asked for.
    std::vector<xfrm::Selector> policies;
    /// What its installation asks of policies, until the kernel has answered.
    PolicyChange asked_policies;
    /// The same of those that IKE passes by in packet mode; mostly none.
    std::vector<xfrm::Selector> bypass;
    bool holds_policies = false;                 ///< it has its share in the policy table
    std::unique_ptr<Installation> installation;  ///< null once it is over
    ChildOffload offload;
    std::uint32_t acquire_sequence = 0;  ///< of the kernel's ACQUIRE that it answers; 0: none
};

}  // namespace xfrmd::ike
