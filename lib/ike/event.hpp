// What the engine decided, for the journal and for watchers. Library code does not log; it emits
// these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ip_address.hpp"
#include "base/strong.hpp"
#include "ike/link.hpp"
#include "ike/reason.hpp"

namespace xfrmd::ike {

/// Syslog's levels, as far as we use them (RFC 5424 section 6.2.1).
enum class Severity : std::uint8_t { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

/// One kind for each decision; each has a MESSAGE_ID of its own in the journal.
enum class EventKind : std::uint8_t {
    ike_sa_state,          ///< an IKE SA went from one state to another
    ike_sa_established,    ///< authenticated in both directions
    ike_sa_failed,         ///< a negotiation ended without an IKE SA
    ike_sa_deleted,        ///< an established IKE SA is gone
    child_sa_established,  ///< an IPsec SA pair is in the kernel
    child_sa_state,        ///< an IPsec SA pair goes on to another stage of its life
    child_sa_failed,       ///< a Child SA was refused by a side or by the kernel
    child_sa_deleted,      ///< an IPsec SA pair is gone
    retransmission_timeout,
    callers_refused,  ///< strangers' first messages that were not let in, counted
    message_dropped,  ///< something arrived that we do not act on
    kernel_repaired,  ///< the kernel's state was not what it should be, and was set right
    kernel_refused,   ///< the kernel said no
    interface_created,
    interface_deleted,
    configuration_applied,
    tunnel_supervised,  ///< what is going to be done for a tunnel, or not
    nat_found,          ///< addresses are changed on the way to the peer
    peer_moved,         ///< the peer's NAT has given it another address or port
    offload_changed,    ///< what a device does of an IPsec SA is not what it was
};

struct Event {
    EventKind kind{};
    Severity severity = Severity::info;
    std::string message;  ///< one line for people
    std::string phase1;   ///< empty: not known (yet)
    std::string phase2;
    std::optional<Endpoint> peer;
    IkeSpi spi_i, spi_r;
    EspSpi esp_spi_in, esp_spi_out;
    std::optional<Reason> reason;
    std::optional<Link> link;  ///< how far the IKE SA has got; absent: not about one
    bool unproved = false;     ///< caused by a caller that has not proved who it is
};

}  // namespace xfrmd::ike
