// How messages that are too large for one datagram go out (RFC 7383): in fragments, each a
// protected message of its own. What comes in is joined by reassembly.hpp.
//
// How large is too large? What `fragmentation-mtu` says, or less where the path has shown that it
// carries less: the peer's own fragments are smaller, or nobody has answered larger ones (section
// 2.5.2). Without the peer's word that it can join fragments everything is one datagram.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>

#include "base/bytes.hpp"
#include "base/ip_address.hpp"
#include "ike/message_window.hpp"
#include "wire/notify_payload.hpp"
#include "wire/registry.hpp"

namespace xfrmd::ike {

struct EngineContext;
struct IkeSa;

/// What an IKE SA knows of fragments.
struct Fragmentation {
    bool agreed = false;  ///< both ends announced IKEV2_FRAGMENTATION_SUPPORTED
    /// Octets of the largest IP packet that the path has been seen to carry; no limit until then.
    std::size_t path_mtu = std::numeric_limits<std::size_t>::max();
};

namespace fragmentation {

/// Transmissions that nobody answers before the next one goes out in fragments of the smallest
/// size. The schedule leaves a fourth one, at 21 s, within a first negotiation's 30 s; earlier ones
/// may have been lost by chance, and larger fragments are fewer that can be.
inline constexpr std::size_t silent_tries = 3;

/// N(IKEV2_FRAGMENTATION_SUPPORTED), for IKE_SA_INIT (section 2.3).
wire::NotifyPayload announcement();

/// Octets of the largest IP packet that needs no look at the path: 576 for IPv4, 1280 for IPv6
/// (section 2.5.1).
std::size_t smallest_mtu(IpFamily family);

/// Octets of the largest IKE message that goes out as one datagram.
std::size_t largest_message(const IkeSa& sa);

/// A message before it is protected. Views of its builder's.
struct PlainMessage {
    ByteView header;  ///< the IKE header; what it says of next payload and length does not matter
    wire::PayloadType first = wire::PayloadType::none;
    ByteView payloads;
};

/// HDR, SKF {...} in as many datagrams as it takes.
Datagrams split(IkeSa& sa, const PlainMessage& message, EngineContext& context);

/// A message of ours that nobody seems to get, once more in fragments of the smallest size: new
/// octets under the same message ID, and more of them than before, for the peer keeps to the larger
/// total (section 2.6). What the IKE SA sends from now on is no larger. Nothing if that is no
/// improvement: the message is small enough, in clear text, or the peer cannot join fragments.
std::optional<Datagrams> smaller(IkeSa& sa, const Datagrams& message, EngineContext& context);

/// The peer cuts its messages into fragments of this size, which the path carries. Octets of the
/// IKE message in its first fragment.
void on_fragments_of_peer(IkeSa& sa, std::size_t first_fragment);

}  // namespace fragmentation
}  // namespace xfrmd::ike
