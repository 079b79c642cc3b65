#include "ike/fragmentation.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "ike/sealing.hpp"
#include "wire/encrypted_fragment_payload.hpp"
#include "wire/message.hpp"

namespace xfrmd::ike::fragmentation {
namespace {

using wire::PayloadType;

constexpr std::size_t udp_header_size = 8;
/// Counted on port 500 too: a request that goes on to port 4500 keeps its octets.
constexpr std::size_t non_esp_marker_size = 4;

std::size_t headers_size(IpFamily family) {
    const std::size_t ip_header_size = family == IpFamily::v4 ? 20 : 40;
    return ip_header_size + udp_header_size + non_esp_marker_size;
}

/// Octets of payloads that one fragment of the largest size carries.
std::size_t chunk_size(const IkeSa& sa, const crypto::Protection& protection) {
    const std::size_t around = wire::Header::size + wire::generic_header_size +
                               wire::EncryptedFragmentPayload::fixed_size + protection.iv_size() +
                               protection.icv_size();
    const std::size_t room = largest_message(sa) - around;
    return room - room % protection.block_size() - 1;  // the last octet is the padding's length
}

std::size_t fragments_needed(std::size_t octets, std::size_t chunk) {
    return std::max<std::size_t>(1, (octets + chunk - 1) / chunk);
}

/// Which part of a message a fragment is.
struct Part {
    std::size_t number;
    std::size_t total;
    ByteView payloads;
};

/// HDR, SKF {part of the payloads}. All but the first name no payload inside (section 2.5).
Bytes seal_part(IkeSa& sa, const PlainMessage& message, const Part& part, EngineContext& context) {
    Bytes octets;
    octets.reserve(largest_message(sa));
    ByteWriter writer(octets);
    writer.bytes(message.header);
    wire::ChainWriter chain(octets, wire::Header::next_payload_at);
    const std::size_t payload_at = chain.begin(PayloadType::encrypted_fragment);
    if (part.number == 1) writer.patch_u8(payload_at, std::to_underlying(message.first));
    writer.u16(static_cast<std::uint16_t>(part.number));
    writer.u16(static_cast<std::uint16_t>(part.total));
    const std::size_t body_at = writer.position();
    append_iv(sa, octets, context);
    writer.bytes(part.payloads);
    seal(sa, {octets, chain, payload_at, body_at}, context);
    return octets;
}

/// The payloads of a message of ours; `header` is left out.
struct Reopened {
    PayloadType first = PayloadType::none;
    Bytes payloads;
};

/// Adds what one of its datagrams carries; false if it is in clear text.
bool reopen(IkeSa& sa, Bytes datagram, Reopened& to, EngineContext& context) {
    const auto first = PayloadType{datagram[wire::Header::next_payload_at]};
    const auto outer = wire::parse_payloads(first, ByteView(datagram).subspan(wire::Header::size));
    if (!outer || (!outer->encrypted && !outer->encrypted_fragment)) return false;
    const auto& body = outer->encrypted ? outer->encrypted->body : outer->encrypted_fragment->body;
    if (to.first == PayloadType::none)
        to.first = outer->encrypted ? outer->encrypted->first_inner
                                    : outer->encrypted_fragment->first_inner;
    const std::size_t body_at = datagram.size() - body.size();
    const auto opened = unseal(sa, sa.role, datagram, body_at, context);
    if (!opened) return false;
    const auto plain = without_padding(*opened, first);
    if (!plain) return false;
    ByteWriter(to.payloads).bytes(*plain);
    return true;
}

}  // namespace

wire::NotifyPayload announcement() {
    wire::NotifyPayload notify;
    notify.notify_type = wire::NotifyType::ikev2_fragmentation_supported;
    return notify;
}

std::size_t smallest_mtu(IpFamily family) {
    return family == IpFamily::v4 ? 576 : 1280;
}

std::size_t largest_message(const IkeSa& sa) {
    const std::size_t mtu =
        std::min<std::size_t>(sa.phase1().fragmentation_mtu, sa.fragmentation.path_mtu);
    return mtu - headers_size(sa.remote.address.family());
}

Datagrams split(IkeSa& sa, const PlainMessage& message, EngineContext& context) {
    const std::size_t chunk = chunk_size(sa, protection_of(sa, context));
    const std::size_t total = fragments_needed(message.payloads.size(), chunk);
    // Nothing of ours is over 64 KiB, and no fragment carries less than 300 octets.
    XFRMD_ASSERT(total <= std::numeric_limits<std::uint16_t>::max());
    Datagrams datagrams;
    datagrams.reserve(total);
    for (std::size_t number = 1; number <= total; ++number) {
        const std::size_t at = (number - 1) * chunk;
        const std::size_t size = std::min(chunk, message.payloads.size() - at);
        datagrams.push_back(
            seal_part(sa, message, {number, total, message.payloads.subspan(at, size)}, context));
    }
    return datagrams;
}

std::optional<Datagrams> smaller(IkeSa& sa, const Datagrams& message, EngineContext& context) {
    if (!sa.fragmentation.agreed || sa.session() == nullptr) return std::nullopt;
    const IpFamily family = sa.remote.address.family();
    const std::size_t smallest = smallest_mtu(family) - headers_size(family);
    if (std::ranges::all_of(message, [&](const Bytes& one) { return one.size() <= smallest; }))
        return std::nullopt;
    Reopened plain;
    for (const Bytes& datagram : message)
        if (!reopen(sa, datagram, plain, context)) return std::nullopt;
    sa.fragmentation.path_mtu = std::min(sa.fragmentation.path_mtu, smallest_mtu(family));
    const std::size_t chunk = chunk_size(sa, protection_of(sa, context));
    if (fragments_needed(plain.payloads.size(), chunk) <= message.size()) return std::nullopt;
    return split(sa,
                 {ByteView(message.front()).first(wire::Header::size), plain.first, plain.payloads},
                 context);
}

void on_fragments_of_peer(IkeSa& sa, std::size_t first_fragment) {
    const IpFamily family = sa.remote.address.family();
    const std::size_t seen = first_fragment + headers_size(family);
    // A peer's word is not taken for less than every path carries: fragments cost both ends work.
    sa.fragmentation.path_mtu =
        std::min(sa.fragmentation.path_mtu, std::max(seen, smallest_mtu(family)));
}

}  // namespace xfrmd::ike::fragmentation
