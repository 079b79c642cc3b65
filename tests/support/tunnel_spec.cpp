#include "support/tunnel_spec.hpp"

#include <stdexcept>
#include <utility>

namespace xfrmd::test {
namespace {

std::vector<IpRange> ranges(const std::vector<std::string>& subnets) {
    std::vector<IpRange> result;
    for (const std::string& text : subnets)
        result.push_back(Subnet::from_text(text).value().range());
    return result;
}

}  // namespace

IpAddress address(const std::string& text) {
    const auto parsed = IpAddress::from_text(text);
    if (!parsed) throw std::invalid_argument("not an address: " + text);
    return *parsed;
}

TunnelSpec TunnelSpec::mirrored() const {
    TunnelSpec other = *this;
    std::swap(other.local, other.remote);
    std::swap(other.local_subnets, other.remote_subnets);
    other.auto_negotiate = false;
    return other;
}

config::Phase1 TunnelSpec::phase1() const {
    config::Phase1 phase1;
    phase1.name = name;
    phase1.route_based = route_based;
    phase1.interface = "eth0";
    phase1.ip_version = address(local).family();
    phase1.remote_gateway = address(remote);
    phase1.proposals = ike;
    phase1.key_exchanges = groups;
    phase1.psk = phase1.psk_remote = std::make_shared<const Secret>(as_bytes(psk));
    config::Phase2 phase2;
    phase2.name = name + "-net";
    phase2.proposals = esp;
    phase2.auto_negotiate = phase2.keepalive = auto_negotiate;
    phase2.selectors.local = ranges(local_subnets);
    phase2.selectors.remote = ranges(remote_subnets);
    phase1.phase2s.push_back(std::move(phase2));
    return phase1;
}

config::Identity fqdn(std::string name) {
    return {wire::IdType::fqdn, to_bytes(as_bytes(name)), name};
}

}  // namespace xfrmd::test
