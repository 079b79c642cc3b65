#include "ike/peer_index.hpp"

#include <algorithm>

namespace xfrmd::ike {

PeerIndex::Peer PeerIndex::peer_of(const IkeSa& sa) {
    Peer peer{sa.tunnel->number, std::nullopt, sa.peer_identity->type, sa.peer_identity->data};
    if (sa.phase1().type == config::GatewayType::dynamic) peer.address = sa.remote.address;
    return peer;
}

void PeerIndex::add(const IkeSa& sa) {
    if (group_of_.contains(sa.own_spi()) || !sa.peer_identity) return;
    const auto group = groups_.try_emplace(peer_of(sa)).first;
    group->second.push_back(sa.own_spi());
    group_of_.emplace(sa.own_spi(), group);
}

void PeerIndex::remove(IkeSpi own_spi) {
    const auto found = group_of_.find(own_spi);
    if (found == group_of_.end()) return;
    std::erase(found->second->second, own_spi);
    if (found->second->second.empty()) groups_.erase(found->second);
    group_of_.erase(found);
}

std::vector<IkeSpi> PeerIndex::same_peer(IkeSpi own_spi) const {
    const auto found = group_of_.find(own_spi);
    return found == group_of_.end() ? std::vector<IkeSpi>{} : found->second->second;
}

std::size_t PeerIndex::peers_at(const IkeSa& sa, std::size_t most) const {
    if (!sa.peer_identity) return 0;
    Peer peer = peer_of(sa);
    peer.id_type = wire::IdType{};
    peer.id.clear();
    std::size_t count = 0;
    for (auto group = groups_.lower_bound(peer); group != groups_.end() && count < most; ++group) {
        if (group->first.tunnel != peer.tunnel || group->first.address != peer.address) break;
        ++count;
    }
    return count;
}

std::vector<IkeSpi> PeerIndex::same_peer(const IkeSa& sa) const {
    if (!sa.peer_identity) return {};
    const auto found = groups_.find(peer_of(sa));
    return found == groups_.end() ? std::vector<IkeSpi>{} : found->second;
}

}  // namespace xfrmd::ike
