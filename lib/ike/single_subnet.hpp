// One network for each Child SA of a peer that shares its address with others.
//
// Peers of a dial-up server behind one NAT have one outer address, and their phase 2 has one reqid:
// the kernel finds the same templates for all of them. What keeps one from sending in another's
// name is the selector of its inbound SA, and an SA has only one: that of a Child SA with several
// networks covers all that lies between them.
#pragma once

#include <span>
#include <vector>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike {

/// True for a dial-up server's peer behind a NAT.
bool may_share_address(const IkeSa& sa);

/// True if one selector of the kernel holds these addresses and no others.
bool is_single_subnet(std::span<const wire::TrafficSelector> selectors);

/// Leaves what the peer wants most, which it names first (RFC 7296 section 2.9): the first
/// selector, and the largest subnet of that if it is none itself. `selectors` must not be empty.
void keep_single_subnet(std::vector<wire::TrafficSelector>& selectors);

}  // namespace xfrmd::ike
