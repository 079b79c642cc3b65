// A Child SA: a pair of ESP SAs, one in each direction, with the policies that lead traffic to them
// (RFC 7296 section 2.17; RFC 4301).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/strong.hpp"
#include "crypto/key_schedule.hpp"
#include "crypto/suite.hpp"
#include "ike/policy_table.hpp"
#include "ike/traffic_selector_narrowing.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

enum class ChildState : std::uint8_t {
    installing,   ///< the kernel was asked and has not answered
    established,  ///< both directions are in the kernel
};

/// When outbound packets go to a new Child SA.
enum class Activation : std::uint8_t {
    now,    ///< as soon as it is in the kernel: first Child SAs, and rekeys as initiator
    later,  ///< by activate_child: the responder of a rekey goes on with the old one until the peer
            ///< is known to have the new one
};

/// When a Child SA's inbound half leaves the kernel.
enum class Inbound : std::uint8_t {
    now,
    later,  ///< after a grace for packets that are on their way (see RetiredSas)
};

/// Its keys are not kept: they are the kernel's once it is installed.
struct ChildSa {
    std::size_t phase2 = 0;  ///< place among the phase 1's phase2s
    ChildState state = ChildState::installing;
    EspSpi spi_in;   ///< ours: the peer sends with it
    EspSpi spi_out;  ///< the peer's
    Reqid reqid;
    xfrm::Mode mode = xfrm::Mode::tunnel;
    crypto::EspSuite suite;
    SelectorSet selectors;
    /// The kernel's form of `selectors`, outbound; what the policy table was asked for.
    std::vector<xfrm::Selector> policies;
    /// What its installation asks of policies, until the kernel has answered.
    PolicyChange asked_policies;
    std::uint32_t acquire_sequence = 0;  ///< of the kernel's ACQUIRE that it answers; 0: none
};

}  // namespace xfrmd::ike
