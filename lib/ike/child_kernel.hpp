// A Child SA's way into the kernel and out of it.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>

#include "crypto/key_schedule.hpp"
#include "ike/child_negotiation.hpp"
#include "ike/ike_sa.hpp"

namespace xfrmd::ike {

/// The kernel's limit in seconds is ours and this much: it follows the wall clock, which may be
/// set, so it only catches SAs that nobody looks after any more.
inline constexpr std::chrono::seconds kernel_lifetime_margin{300};

/// Makes a Child SA of a plan and asks the kernel for it; the answer comes as a ChildInstallation
/// reply. Refused before the kernel is asked if another phase 2 has one of its policies, or the
/// selectors cannot be had in the kernel.
std::expected<void, ChildRefusal> install_child(IkeSa& sa, ChildPlan plan, EspSpi spi_in,
                                                const crypto::ChildKeys& keys, Activation when,
                                                EngineContext& context);

/// Leads outbound packets to a Child SA that was installed to be activated later.
void activate_child(const IkeSa& sa, const ChildSa& child, EngineContext& context);

/// Takes a Child SA out of the kernel: its SAs, and the policies that nobody else holds. Outbound
/// packets are led elsewhere before their SA goes.
void uninstall_child(const IkeSa& sa, const ChildSa& child, Inbound when, EngineContext& context);

/// Gives a Child SA's SAs the ports of its path; the answer comes as a PortUpdate reply.
void update_ports(const IkeSa& sa, const ChildSa& child, EngineContext& context);

/// The kernel has no outbound SA of this Child SA any more.
void forget_outbound_spi(const ChildSa& child, EngineContext& context);

/// What became of an installation.
struct InstallOutcome {
    /// Absent: it is in the kernel.
    std::optional<ChildRefusal> refusal;
    /// As read back; in, out.
    xfrm::SaStatus inbound, outbound;
};

/// Reads the kernel's answer to what was asked last. On a rung with offload a refusal leads to the
/// next one, and nothing is returned then: the kernel was asked again. On a last refusal what was
/// done is undone, and the reason is in the kernel's words. Only while there is an installation.
std::optional<InstallOutcome> continue_install(IkeSa& sa, ChildSa& child,
                                               std::span<const xfrm::OperationResult> results,
                                               EngineContext& context);

}  // namespace xfrmd::ike
