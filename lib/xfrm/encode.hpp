// Any operation to the octets that a netlink socket sends.
#pragma once

#include "xfrm/features.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// Which netlink family a message goes to.
enum class Family : std::uint8_t { xfrm, route };

/// A message, ready to send. Every request asks for an acknowledgement: the answer to an operation
/// is complete when that has come. Messages of one family can be sent together, one behind the
/// other. The buffer wipes itself; copies made of it are the copier's to wipe.
struct Encoded {
    Family family = Family::xfrm;
    WipedBytes message;
};

Family family_of(const Operation& operation);

Encoded encode(const Operation& operation, const Features& features, std::uint32_t sequence,
               std::uint32_t port_id);

}  // namespace xfrmd::xfrm
