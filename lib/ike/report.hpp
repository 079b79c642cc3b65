// What an IKE SA reports to those who look after tunnels. Reports are handled after the input that
// they came of, in order: nothing is called back from inside an IKE SA.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <variant>

#include "base/strong.hpp"
#include "ike/reason.hpp"

namespace xfrmd::ike {

struct Tunnel;

/// Both ends are authenticated, or a rekeyed IKE SA took over.
struct IkeSaUp {
    IkeSpi sa;  ///< by our SPI
};

/// A Child SA carries traffic.
struct ChildUp {
    std::shared_ptr<Tunnel> tunnel;
    std::size_t phase2 = 0;
    IkeSpi sa;
    EspSpi spi_in;
};

/// An attempt to get a Child SA for a phase 2 has ended without one.
struct ChildFailed {
    std::shared_ptr<Tunnel> tunnel;
    std::size_t phase2 = 0;
    Reason reason{};
    std::string message;  ///< the same in words
};

/// A Child SA is gone, and had no successor.
struct ChildGone {
    std::shared_ptr<Tunnel> tunnel;
    std::size_t phase2 = 0;
    IkeSpi sa;
    Reason reason{};
};

/// Why an IKE SA ended.
struct Ending {
    Reason reason{};
    std::string message;  ///< the same in words
};

/// An IKE SA of the tunnel is gone, half-open or established.
struct IkeSaGone {
    std::shared_ptr<Tunnel> tunnel;
    IkeSpi sa;
    bool was_established = false;
    Ending ending;
};

/// The peer takes no more SAs under this IKE SA (NO_ADDITIONAL_SAS): only a new one helps
/// (RFC 7296 section 1.3).
struct NoAdditionalSas {
    IkeSpi sa;
};

/// The IKE SA is near its end, and both ends are to prove themselves anew ("reauth").
struct ReauthenticationDue {
    IkeSpi sa;
};

/// The peer of an established IKE SA has another address.
struct PeerMoved {
    IkeSpi sa;
};

using Report = std::variant<IkeSaUp, ChildUp, ChildFailed, ChildGone, IkeSaGone, NoAdditionalSas,
                            ReauthenticationDue, PeerMoved>;

}  // namespace xfrmd::ike
