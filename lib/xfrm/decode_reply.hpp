// What comes back on the socket that requests were sent on.
//
// Each operation is answered by one acknowledgement; a query's status comes in a message of its own
// before that. `absorb` puts the two together. A dump is a row of statuses and an end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// The kernel is through with a request. With `NETLINK_EXT_ACK` set on the socket it says why it
/// refused, and sometimes warns although it did not.
struct Acknowledged {
    int error = 0;  ///< errno, 0 for success
    std::string message;
    /// Where in the request the offending attribute starts, header included.
    std::optional<std::uint32_t> offset;
};

/// A dump is complete, or broke off with an errno.
struct DumpEnd {
    int error = 0;
};

/// An object that was asked for but is none of ours to read, such as an AH SA in a dump.
struct Foreign {};

struct Reply {
    std::uint32_t sequence = 0;
    std::uint32_t port_id = 0;
    std::variant<Acknowledged, SaStatus, PolicyStatus, RouteStatus, DumpEnd, Foreign> content;
};

struct Replies {
    std::vector<Reply> replies;
    bool malformed = false;  ///< the buffer was cut: what is missing cannot be known
};

/// Reads a received buffer. Answers to queries of SAs hold keys: wipe the buffer afterwards.
/// Messages of other types are passed over.
Replies decode_replies(ByteView buffer);

/// Adds a reply to the result of the operation with its sequence number. True when the operation
/// is answered.
bool absorb(Reply&& reply, OperationResult& result);

/// Octets of a kernel's message that are kept.
inline constexpr std::size_t kernel_message_max = 256;

}  // namespace xfrmd::xfrm
