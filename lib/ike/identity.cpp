#include "ike/identity.hpp"

namespace xfrmd::ike {

config::Identity own_identity(const config::Phase1& phase1, const IpAddress& local) {
    if (phase1.local_id) return *phase1.local_id;
    const wire::IdType type =
        local.family() == IpFamily::v4 ? wire::IdType::ipv4_addr : wire::IdType::ipv6_addr;
    return {type, to_bytes(local.bytes()), local.to_text()};
}

config::Identity identity_of(const wire::IdPayload& payload) {
    return {payload.id_type, to_bytes(payload.data), payload.to_text()};
}

wire::IdPayload payload_of(const config::Identity& identity) {
    return {identity.type, identity.data};
}

bool accepts(const config::Phase1& phase1, const config::Identity& peer) {
    if (phase1.peer_type == config::PeerType::any) return true;
    return phase1.peer_id && *phase1.peer_id == peer;
}

}  // namespace xfrmd::ike
