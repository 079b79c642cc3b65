// What the kernel tells without being asked.
#pragma once

#include <variant>

#include "xfrm/operation.hpp"

namespace xfrmd::xfrm {

/// A packet met a policy that has no SA.
struct Acquire {
    std::uint32_t sequence = 0;
    PolicyIndex policy;
    IfId if_id;
    Reqid reqid;
    Selector flow;     ///< of the packet, with its ports
    IpAddress source;  ///< of the template
    IpAddress destination;
    Mode mode = Mode::tunnel;  ///< of the template
};

/// An SA reached a limit. Hard: it is gone.
struct Expire {
    IpAddress destination;
    EspSpi spi;
    Reqid reqid;
    bool hard = false;
};

/// An encapsulated packet came authentic from another source.
struct Mapping {
    IpAddress destination;
    EspSpi spi;
    Endpoint old_source;
    Endpoint new_source;
};

/// Somebody flushed, or our queue overflowed: what we believe must be compared with a dump.
struct StateUncertain {};

using Event = std::variant<Acquire, Expire, Mapping, StateUncertain>;

}  // namespace xfrmd::xfrm
