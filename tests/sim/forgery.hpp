// Messages that nobody of ours sends: good ones taken apart and put together differently.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/scenario.hpp"

namespace xfrmd::test {

/// Longer than a negotiation may take: what is left of one then is left for ever.
inline constexpr std::chrono::seconds negotiation_is_over{31};

/// A payload as octets, whatever they say.
struct Part {
    wire::PayloadType type{};
    Bytes body;
    bool critical = false;
};
using Parts = std::vector<Part>;

/// The payloads of a message, in order.
Parts parts_of(const OpenedMessage& message);
/// The place of the first payload of a type; throws if there is none.
Part& part(Parts& parts, wire::PayloadType type);
void leave_out(Parts& parts, wire::PayloadType type);

/// A notify without an SPI.
Part notify_part(wire::NotifyType type, Bytes data = {});

/// A message in clear text, or protected.
Bytes clear_message(const wire::Header& header, const Parts& parts);
Bytes sealed_message(Wiretap& tap, const wire::Header& header, const Parts& parts);

/// A good message once more, with its payloads changed.
Bytes changed_clear(ByteView datagram, const std::function<void(Parts&)>& change);
Bytes changed_sealed(Wiretap& tap, ByteView datagram, const std::function<void(Parts&)>& change);

/// West's first message, as it left; nobody has got it, and west will send it again.
Bytes first_call(Pair& pair);
/// The first message of a west of another world: nobody will send it again.
Bytes lone_call(const TunnelSpec& spec = {});
/// The same under another SPI of its initiator.
Bytes with_spi(Bytes call, std::uint64_t spi_i);
/// West's IKE_AUTH request on its way to east, which has answered IKE_SA_INIT.
Bytes auth_request(Pair& pair);

/// A datagram from any address to a gateway.
void give_from(World& world, Gateway& to, const Endpoint& sender, Bytes octets);

/// Gives east a configuration of its tunnels with other options of the daemon.
void set_daemon_options(Pair& pair, const std::function<void(config::DaemonOptions&)>& change);

}  // namespace xfrmd::test
