// One Child SA in the kernel: which operations put it there, and in which order.
//
// The order closes every gap: the peer's packets can be received before we send any, and nothing
// is sent before there is an SA for it.
#pragma once

#include <span>
#include <vector>

#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// All that the kernel needs for one Child SA. SAs without a selector get the hull of `selectors`,
/// which are those of outbound packets, if it exists.
struct ChildInstall {
    InstallSa inbound;
    InstallSa outbound;
    std::vector<Selector> selectors;
    std::vector<PolicyOperation> inbound_policies;  ///< and forward ones
    std::vector<PolicyOperation> outbound_policies;
};

/// Inbound SA, inbound and forward policies, outbound SA, outbound policies; at last both SAs are
/// read back, inbound first.
std::vector<Operation> install_child(ChildInstall child);

/// The two SAs alone, inbound first; then both are read back, inbound first.
std::vector<Operation> install_sas(ChildInstall child);

/// The policies of SAs that are there: inbound and forward ones, outbound ones; then those that are
/// offloaded are read back, in the same order, and at last both SAs, inbound first.
std::vector<Operation> install_policies(const ChildInstall& child);

/// The operation that gives an SA the ports of `sa.encapsulation`; puts keys in that are none.
/// `selectors` are those of outbound packets, as at its installation.
UpdatePorts update_ports(InstallSa sa, std::span<const Selector> selectors);

/// Adds an SA of the suite that no packet can meet and deletes it again: the first result tells
/// whether the kernel has the algorithms. The first use of an algorithm can take seconds.
std::vector<Operation> probe_suite(const crypto::EspSuite& suite);

}  // namespace xfrmd::xfrm
