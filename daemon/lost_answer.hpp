// What became of an operation whose acknowledgement got lost: the kernel has done it or not, and
// only a look at the state tells (netlink(7), ENOBUFS).
#pragma once

#include <optional>

#include "xfrm/operation.hpp"

namespace xfrmd::daemon {

/// The query that tells. Nothing for interfaces: their names are looked up instead.
std::optional<xfrm::Operation> verification(const xfrm::Operation& operation);

/// Whether the object that the operation is about shall exist afterwards.
bool makes_object(const xfrm::Operation& operation);

/// The operation's result, given whether its object exists now.
xfrm::OperationResult judge(const xfrm::Operation& operation, bool exists);

}  // namespace xfrmd::daemon
