#include "daemon/interface_table.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <utility>

#include "daemon/socket_address.hpp"
#include "xfrm/netlink_reader.hpp"

namespace xfrmd::daemon {
namespace {

using xfrm::Attributes;
namespace route = xfrm::uapi::route;

/// `struct ifaddrmsg`
struct AddressMessage {
    std::uint8_t family = 0;
    std::uint8_t prefix_length = 0;
    std::uint8_t flags = 0;
    std::uint8_t scope = 0;
    std::uint32_t index = 0;
};
static_assert(sizeof(AddressMessage) == sizeof(ifaddrmsg));

/// Up to the terminating zero.
std::string text_of(ByteView octets) {
    return std::string(as_text(octets).substr(0, as_text(octets).find('\0')));
}

}  // namespace

bool InterfaceTable::Address::is_usable() const {
    if (address.family() == IpFamily::v4) return true;
    return (flags & (IFA_F_TENTATIVE | IFA_F_DEPRECATED | IFA_F_DADFAILED)) == 0;
}

int InterfaceTable::Address::rank() const {
    if (is_link_local(address)) return last_rank;
    // The same bit marks secondary IPv4 and temporary IPv6 addresses.
    return (flags & IFA_F_SECONDARY) != 0 ? 1 : 0;
}

void InterfaceTable::apply(ByteView buffer) {
    xfrm::NetlinkReader reader(buffer);
    while (const auto message = reader.next()) {
        switch (message->header.type) {
            case RTM_NEWLINK: apply_link(message->payload, false); break;
            case RTM_DELLINK: apply_link(message->payload, true); break;
            case RTM_NEWADDR: apply_address(message->payload, false); break;
            case RTM_DELADDR: apply_address(message->payload, true); break;
            default: break;
        }
    }
}

void InterfaceTable::apply_link(ByteView payload, bool removed) {
    const auto body = xfrm::read_body<route::LinkMessage>(payload);
    // Bridges tell of their ports in messages of a family of their own.
    if (!body || body->fixed.family != AF_UNSPEC) return;
    const auto index = static_cast<std::uint32_t>(body->fixed.index);
    if (removed) {
        links_.erase(index);
        times_down_.erase(index);
        return;
    }
    Link& link = links_[index];
    const bool is_up = (body->fixed.flags & IFF_UP) != 0;
    if (link.up && !is_up) ++times_down_[index];
    link.up = is_up;
    const bool has_carrier = is_up && (body->fixed.flags & IFF_RUNNING) != 0;
    carrier_returned_ |= has_carrier && !link.carrier;
    link.carrier = has_carrier;
    link.is_unread = true;
    if (const auto name = body->attributes.find(IFLA_IFNAME)) link.name = text_of(*name);
    if (const auto mtu = body->attributes.get<std::uint32_t>(IFLA_MTU)) link.mtu = *mtu;
    const auto info = body->attributes.find(IFLA_LINKINFO);
    if (!info) return;
    const auto kind = Attributes(*info).find(IFLA_INFO_KIND);
    link.is_xfrm = kind && text_of(*kind) == "xfrm";
    const auto data = Attributes(*info).find(IFLA_INFO_DATA);
    if (!link.is_xfrm || !data) return;
    const Attributes parameters(*data);
    link.if_id = IfId(parameters.get<std::uint32_t>(route::xfrm_if_id).value_or(0));
    link.underlay_index = parameters.get<std::uint32_t>(route::xfrm_link).value_or(0);
}

void InterfaceTable::read_features(const std::function<bool(const std::string&)>& has_esp_offload) {
    for (auto& [index, link] : links_)
        if (std::exchange(link.is_unread, false) && !link.is_xfrm)
            link.esp_offload = has_esp_offload(link.name);
}

void InterfaceTable::apply_address(ByteView payload, bool removed) {
    const auto body = xfrm::read_body<AddressMessage>(payload);
    if (!body) return;
    // On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL is there then.
    auto octets = body->attributes.find(IFA_LOCAL);
    if (!octets) octets = body->attributes.find(IFA_ADDRESS);
    const auto address = octets ? IpAddress::from_bytes(*octets) : std::nullopt;
    const auto link = links_.find(body->fixed.index);
    if (!address || link == links_.end()) return;
    auto& addresses = link->second.addresses;
    const auto known = std::ranges::find(addresses, *address, &Address::address);
    const auto flags = body->attributes.get<std::uint32_t>(IFA_FLAGS).value_or(body->fixed.flags);
    if (removed) {
        if (known != addresses.end()) addresses.erase(known);
    } else if (known != addresses.end()) {
        known->flags = flags;
    } else {
        addresses.push_back({.address = *address, .flags = flags});
    }
}

std::uint32_t InterfaceTable::times_down(std::uint32_t index) const {
    const auto found = times_down_.find(index);
    return found == times_down_.end() ? 0 : found->second;
}

std::vector<ike::Interface> InterfaceTable::interfaces() const {
    std::vector<ike::Interface> result;
    for (const auto& [index, link] : links_) {
        ike::Interface interface{.name = link.name,
                                 .index = index,
                                 .mtu = link.mtu,
                                 .up = link.up,
                                 .addresses = {},
                                 .esp_offload = link.esp_offload,
                                 .times_down = times_down(index)};
        // By rank, and within a rank in the kernel's order.
        for (int rank = 0; rank <= last_rank; ++rank)
            for (const Address& address : link.addresses)
                if (address.is_usable() && address.rank() == rank)
                    interface.addresses.push_back(address.address);
        result.push_back(std::move(interface));
    }
    return result;
}

std::vector<XfrmInterface> InterfaceTable::xfrm_interfaces() const {
    std::vector<XfrmInterface> result;
    for (const auto& [index, link] : links_)
        if (link.is_xfrm)
            result.push_back(
                {.name = link.name, .if_id = link.if_id, .underlay_index = link.underlay_index});
    return result;
}

}  // namespace xfrmd::daemon
