// Packets of the networks behind the gateways, through kernels and tunnels.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "support/gateway.hpp"

namespace xfrmd::test {

/// What became of a packet.
enum class PacketFate : std::uint8_t {
    delivered,  ///< through an SA pair, and admitted at the other end
    clear,      ///< it left unprotected
    blocked,    ///< a policy of the sender says so
    no_sa,      ///< a policy wants an SA that is not there; the engine was told
    unrouted,   ///< it was to leave through an XFRM interface that is not there
    cut_off,    ///< the network between the gateways is cut
    astray,     ///< a NAT dropped it, or led it to somebody else
    rejected,   ///< the receiver has no such SA, or does not admit it
    powerless,  ///< the sender is switched off
};

std::string_view to_text(PacketFate fate);

/// What every packet of a test weighs, in octets.
inline constexpr std::uint64_t packet_octets = 100;

/// A packet leaves from behind `from`: the SA that it took, which has counted it, or what else
/// became of it. The engine hears of an SA that is missing. `interface` is the XFRM interface that
/// the packet is routed to; empty: to none.
std::expected<const HeldSa*, PacketFate> leave(Gateway& from, const Packet& packet,
                                               std::string_view interface, ike::Now now);

/// The packet arrives, protected by `sent`; an SA that it belongs to has counted it.
PacketFate arrive(Gateway& to, const xfrm::InstallSa& sent, const Packet& packet);

/// A packet again and again, and what became of it.
struct Ping {
    struct Loss {
        Instant at;
        PacketFate fate;
    };

    std::uint64_t sent = 0;
    std::uint64_t delivered = 0;
    std::vector<Loss> losses;
    bool stopped = false;  ///< set it to end the ping

    void count(PacketFate fate, Instant at);
    /// "98 of 100 delivered; lost at 12.3 s (no SA), 12.4 s (no SA)", the first few.
    std::string summary() const;
};

}  // namespace xfrmd::test
