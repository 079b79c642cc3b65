#include "ike/nat_traversal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/sha1.hpp"

namespace xfrmd::ike::nat_traversal {
namespace {

using config::NatTraversal;
using wire::NotifyType;

/// SHA1(SPIi | SPIr | address | port); nothing where OpenSSL cannot.
std::optional<crypto::Sha1Digest> hash_of(const Spis& spis, const Endpoint& end,
                                          const EngineContext& context) {
    std::array<std::uint8_t, 8> spi_i, spi_r;
    store_big_endian(spis.initiator.value(), spi_i.data());
    store_big_endian(spis.responder.value(), spi_r.data());
    std::array<std::uint8_t, 2> port;
    store_big_endian(end.port, port.data());
    return crypto::sha1(context.library, {spi_i, spi_r, end.address.bytes(), port});
}

void add(wire::ChainWriter& chain, NotifyType type, const crypto::Sha1Digest& hash) {
    wire::NotifyPayload notify;
    notify.notify_type = type;
    notify.data = hash;
    chain.add(notify);
}

/// What the notifies of one type say of one end.
struct Claim {
    bool made = false;     ///< there is one at least
    bool matches = false;  ///< one of them is the end that we see
};

Claim claim_about(const wire::Payloads& payloads, NotifyType type, const crypto::Sha1Digest& seen) {
    Claim claim;
    for (const wire::NotifyPayload& notify : payloads.notifies) {
        if (notify.notify_type != type || notify.data.size() != seen.size()) continue;
        claim.made = true;
        claim.matches |= equal_bytes(notify.data, seen);
    }
    return claim;
}

std::string describe(const NatFinding& finding) {
    if (finding.here && finding.there) return "both ends are behind a NAT";
    if (finding.here) return "we are behind a NAT";
    if (finding.there) return "the peer is behind a NAT, or says so";
    return "there is no NAT, nattraversal is forced";
}

bool are_only(const std::optional<wire::TrafficSelectorPayload>& payload,
              const IpAddress& address) {
    const IpRange alone{address, address};
    return payload && std::ranges::all_of(payload->selectors, [&](const auto& selector) {
               return alone.contains(selector.addresses);
           });
}

}  // namespace

void announce(wire::ChainWriter& chain, NatTraversal mode, const Spis& spis, const Path& path,
              const EngineContext& context) {
    if (mode == NatTraversal::disable) return;
    auto source = hash_of(spis, path.local, context);
    const auto destination = hash_of(spis, path.remote, context);
    if (!source || !destination) return;
    if (mode == NatTraversal::forced)
        for (std::uint8_t& octet : *source)
            octet ^= 0xff;
    add(chain, NotifyType::nat_detection_source_ip, *source);
    add(chain, NotifyType::nat_detection_destination_ip, *destination);
}

NatFinding find(const wire::Payloads& payloads, NatTraversal mode, const Spis& spis,
                const Path& path, const EngineContext& context) {
    if (mode == NatTraversal::disable) return {};
    const auto local = hash_of(spis, path.local, context);
    const auto remote = hash_of(spis, path.remote, context);
    if (!local || !remote) return {};
    const Claim source = claim_about(payloads, NotifyType::nat_detection_source_ip, *remote);
    const Claim destination =
        claim_about(payloads, NotifyType::nat_detection_destination_ip, *local);
    // Only who tells both knows what to do about a NAT.
    if (!source.made || !destination.made) return {};
    NatFinding finding{!destination.matches, !source.matches, false};
    finding.in_udp = finding.here || finding.there || mode == NatTraversal::forced;
    return finding;
}

void tell(const IkeSa& sa, EngineContext& context) {
    if (packs_into_udp(sa))
        context.emit(sa.event(EventKind::nat_found, Severity::info,
                              describe(sa.nat) + ": IKE goes to port 4500, ESP into UDP"));
}

void float_to_port(IkeSa& sa) {
    if (!sa.nat.in_udp) return;
    sa.local.port = nat_traversal_port;
    sa.remote.port = nat_traversal_port;
}

bool packs_into_udp(const IkeSa& sa) {
    return sa.nat.in_udp && sa.local.port == nat_traversal_port;
}

bool names_outer_addresses(const IkeSa& sa, const wire::Payloads& offer) {
    return are_only(offer.tsi, sa.remote.address) && are_only(offer.tsr, sa.local.address);
}

}  // namespace xfrmd::ike::nat_traversal
