#include "ike/tunnel_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "xfrm/lookup_chain.hpp"

namespace xfrmd::ike {

namespace {

/// Peers that may call from anywhere: those of dial-up servers, and those known by a name, whose
/// address may have changed since we asked for it.
bool takes_any(const Tunnel& tunnel) {
    return !tunnel.phase1->remote_gateway;
}

}  // namespace

std::string describe(const PolicyOwner& owner, const TunnelTable& tunnels) {
    const auto place = tunnels.find(owner.reqid);
    std::string text =
        place ? fmt::format("phase 2 {} of {}", place->tunnel->phase1->phase2s[place->phase2].name,
                            place->tunnel->name())
              : fmt::format("reqid {:08x}", owner.reqid.value());
    if (owner.peer != PeerName{}) text += fmt::format(" (peer {})", owner.peer.address.to_text());
    return text;
}

void TunnelTable::add(std::shared_ptr<Tunnel> tunnel) {
    tunnel->remote = tunnel->phase1->remote_gateway;
    tunnel->phase2_states.resize(tunnel->phase1->phase2s.size());
    if (tunnel->remote) list(tunnel, by_remote_[*tunnel->remote]);
    if (takes_any(*tunnel)) list(tunnel, any_remote_);
    for (std::size_t i = 0; i < tunnel->reqids.size(); ++i)
        by_reqid_.insert_or_assign(tunnel->reqids[i], Phase2Place{tunnel, i});
    by_number_.emplace(tunnel->number, tunnel);
    by_name_.emplace(tunnel->name(), std::move(tunnel));
}

void TunnelTable::remove(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return;
    const std::shared_ptr<Tunnel> tunnel = found->second;
    unlist(tunnel);
    if (takes_any(*tunnel)) std::erase(any_remote_, tunnel);
    for (Reqid reqid : tunnel->reqids)
        by_reqid_.erase(reqid);
    by_number_.erase(tunnel->number);
    by_name_.erase(found);
}

void TunnelTable::list(const std::shared_ptr<Tunnel>& tunnel, List& where) {
    const auto place = std::ranges::lower_bound(where, tunnel->name(), {},
                                                [](const auto& t) { return t->name(); });
    where.insert(place, tunnel);
}

/// Takes it from the list of its peer's address.
void TunnelTable::unlist(const std::shared_ptr<Tunnel>& tunnel) {
    const auto found = tunnel->remote ? by_remote_.find(*tunnel->remote) : by_remote_.end();
    if (found == by_remote_.end()) return;
    std::erase(found->second, tunnel);
    if (found->second.empty()) by_remote_.erase(found);
}

void TunnelTable::set_remote(const std::shared_ptr<Tunnel>& tunnel, const IpAddress& remote) {
    if (tunnel->remote == remote) return;
    unlist(tunnel);
    tunnel->remote = remote;
    list(tunnel, by_remote_[remote]);
}

std::shared_ptr<Tunnel> TunnelTable::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

std::shared_ptr<Tunnel> TunnelTable::find(std::uint64_t number) const {
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? nullptr : found->second;
}

std::optional<Phase2Place> TunnelTable::find(Reqid reqid) const {
    const auto found = by_reqid_.find(xfrm::base_reqid(reqid));
    if (found == by_reqid_.end()) return std::nullopt;
    return found->second;
}

const std::vector<std::shared_ptr<Tunnel>>& TunnelTable::at(const IpAddress& remote) const {
    static const List none;
    const auto found = by_remote_.find(remote);
    return found == by_remote_.end() ? none : found->second;
}

bool TunnelTable::may_mean(const Tunnel& tunnel, const IpAddress& local,
                           const IpAddress& remote) const {
    const config::Phase1& phase1 = *tunnel.phase1;
    const bool usable = !phase1.route_based || tunnel.interface_exists;
    const bool admitted =
        !phase1.remote_gateway_match || phase1.remote_gateway_match->contains(remote);
    return usable && admitted && phase1.ip_version == local.family() && listens_on(phase1, local);
}

std::vector<std::shared_ptr<Tunnel>> TunnelTable::between(const IpAddress& local,
                                                          const IpAddress& remote) const {
    List result;
    std::ranges::copy_if(at(remote), std::back_inserter(result),
                         [&](const auto& tunnel) { return may_mean(*tunnel, local, remote); });
    return result;
}

std::vector<std::shared_ptr<Tunnel>> TunnelTable::candidates(const IpAddress& local,
                                                             const IpAddress& remote) const {
    List result = between(local, remote);
    std::ranges::copy_if(any_remote_, std::back_inserter(result), [&](const auto& tunnel) {
        return tunnel->remote != remote && may_mean(*tunnel, local, remote);
    });
    return result;
}

void TunnelTable::set_interfaces(std::vector<Interface> interfaces) {
    interfaces_.clear();
    interface_names_.clear();
    can_offload_ = std::ranges::any_of(interfaces, &Interface::esp_offload);
    for (Interface& interface : interfaces) {
        std::string name = interface.name;
        interface_names_.insert_or_assign(interface.index, name);
        interfaces_.insert_or_assign(std::move(name), std::move(interface));
    }
}

const Interface* TunnelTable::interface(std::string_view name) const {
    const auto found = interfaces_.find(name);
    return found == interfaces_.end() ? nullptr : &found->second;
}

const Interface* TunnelTable::interface(std::uint32_t index) const {
    const auto found = interface_names_.find(index);
    return found == interface_names_.end() ? nullptr : interface(found->second);
}

std::optional<IpAddress> TunnelTable::local_address(const config::Phase1& phase1) const {
    if (phase1.local_gateway) return phase1.local_gateway;
    const Interface* device = interface(phase1.interface);
    if (device == nullptr) return std::nullopt;
    const auto found = std::ranges::find(device->addresses, phase1.ip_version, &IpAddress::family);
    if (found == device->addresses.end()) return std::nullopt;
    return *found;
}

bool TunnelTable::listens_on(const config::Phase1& phase1, const IpAddress& local) const {
    if (phase1.local_gateway) return *phase1.local_gateway == local;
    const Interface* device = interface(phase1.interface);
    return device != nullptr &&
           std::ranges::find(device->addresses, local) != device->addresses.end();
}

}  // namespace xfrmd::ike
