// One Child SA in the kernel: which operations put it there, in which order, and what takes them
// back when one was refused.
//
// The order closes every gap: the peer's packets can be received before we send any, and nothing
// is sent before there is an SA for it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// Three policies share a slot: inbound, outbound, forward. A slot is unique among all our
/// policies, for it becomes their index.
inline constexpr std::uint32_t policy_slots = 1U << 21;

PolicyIndex policy_index(std::uint32_t slot, Direction direction);

/// The policies of one phase 2, with or without an SA that serves them: without one, the outbound
/// policies are the traps whose ACQUIRE starts the negotiation, and nothing leaves in clear text.
struct ChildPolicies {
    std::vector<Selector> selectors;  ///< of outbound packets; each takes one slot
    IpAddress local;                  ///< tunnel addresses; any for transport mode
    IpAddress remote;
    Reqid reqid;
    IfId if_id;
    Mode mode = Mode::tunnel;
    std::uint32_t priority = 0;
    std::uint32_t first_slot = 0;
    /// Pins the outbound policies to this SA. Else the kernel takes the newest by wall clock, which
    /// is wrong after the clock was set back.
    std::optional<EspSpi> outbound_spi;
    std::optional<OffloadRequest> offload;  ///< forward policies never have it: no device does
};

/// Inbound policies and, in tunnel mode, forward policies.
std::vector<InstallPolicy> inbound_policies(const ChildPolicies& policies);
std::vector<InstallPolicy> outbound_policies(const ChildPolicies& policies);

/// All that the kernel needs for one Child SA. SAs without a selector get the hull of the
/// policies' selectors, if it exists.
struct ChildInstall {
    InstallSa inbound;
    InstallSa outbound;
    ChildPolicies policies;
};

/// Inbound SA, inbound and forward policies, outbound SA, outbound policies; at last both SAs are
/// read back, inbound first.
std::vector<Operation> install_child(ChildInstall child);

/// What takes back the operations that succeeded, last one first. A policy that took the place of
/// one in `before` is replaced by that again; others are deleted. Operations without a result
/// count as not done.
std::vector<Operation> undo(std::span<const Operation> operations,
                            std::span<const OperationResult> results,
                            std::span<const InstallPolicy> before = {});

/// Adds an SA of the suite that no packet can meet and deletes it again: the first result tells
/// whether the kernel has the algorithms. The first use of an algorithm can take seconds.
std::vector<Operation> probe_suite(const crypto::EspSuite& suite);

}  // namespace xfrmd::xfrm
