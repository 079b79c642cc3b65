#include "config/entry_of.hpp"

#include "config/identity.hpp"
#include "config/option.hpp"

namespace xfrmd::config {

namespace {

SecretSource source_of(const std::shared_ptr<const Secret>& secret) {
    if (!secret) return {};
    return {SecretSource::Kind::literal, secret, {}};
}

/// `automatic`, unless that would take the text for something else.
IdentityType type_of(const Identity& identity) {
    const auto taken_for = parse_identity(identity.text, IdentityType::automatic);
    if (taken_for && *taken_for == identity) return IdentityType::automatic;
    switch (identity.type) {
        case wire::IdType::fqdn: return IdentityType::fqdn;
        case wire::IdType::rfc822_addr: return IdentityType::user_fqdn;
        case wire::IdType::ipv4_addr:
        case wire::IdType::ipv6_addr: return IdentityType::address;
        default: return IdentityType::key_id;
    }
}

std::optional<Subnet> as_subnet(const IpRange& range) {
    const auto subnets = range.to_subnets();
    return subnets.size() == 1 ? std::optional(subnets.front()) : std::nullopt;
}

void set_gateway_match(Phase1Entry& entry) {
    if (!entry.remote_gateway_match) return;
    entry.gateway_match_subnet = as_subnet(*entry.remote_gateway_match);
    if (entry.gateway_match_subnet) {
        entry.gateway_match = GatewayMatch::ipmask;
        return;
    }
    entry.gateway_match = GatewayMatch::iprange;
    entry.gateway_match_start = entry.remote_gateway_match->first;
    entry.gateway_match_end = entry.remote_gateway_match->last;
}

/// A default route is what no option means; several ranges always have a name in a file.
SelectorFields fields_of(const std::vector<IpRange>& ranges, const std::string& name) {
    SelectorFields fields;
    if (ranges.empty()) return fields;
    const bool v6 = ranges.front().family() == IpFamily::v6;
    const auto subnet = ranges.size() == 1 ? as_subnet(ranges.front()) : std::nullopt;
    if (!name.empty() || ranges.size() > 1) {
        fields.type = v6 ? AddressType::name6 : AddressType::name;
        (v6 ? fields.name6 : fields.name) = name;
    } else if (subnet) {
        fields.type = v6 ? AddressType::subnet6 : AddressType::subnet;
        (v6 ? fields.subnet6 : fields.subnet) = subnet;
    } else {
        fields.type = v6 ? AddressType::range6 : AddressType::range;
        (v6 ? fields.start6 : fields.start) = ranges.front().first;
        (v6 ? fields.end6 : fields.end) = ranges.front().last;
    }
    return fields;
}

OffloadChoice choice_of(const std::optional<Offload>& offload) {
    if (!offload) return OffloadChoice::phase1;
    switch (*offload) {
        case Offload::automatic: return OffloadChoice::automatic;
        case Offload::packet: return OffloadChoice::packet;
        case Offload::crypto: return OffloadChoice::crypto;
        case Offload::none: return OffloadChoice::none;
    }
    return OffloadChoice::phase1;
}

}  // namespace

Phase1Entry entry_of(const Phase1& phase1) {
    Phase1Entry entry(phase1.route_based);
    static_cast<Phase1&>(entry) = phase1;
    entry.key = phase1.name;
    const bool v4 = phase1.ip_version == IpFamily::v4;
    (v4 ? entry.local_gateway4 : entry.local_gateway6) = phase1.local_gateway;
    (v4 ? entry.remote_gateway4 : entry.remote_gateway6) = phase1.remote_gateway;
    set_gateway_match(entry);
    entry.psk_source = source_of(phase1.psk);
    if (!same_value(phase1.psk, phase1.psk_remote))
        entry.psk_remote_source = source_of(phase1.psk_remote);
    if (phase1.local_id) {
        entry.local_id_text = phase1.local_id->text;
        entry.local_id_type = type_of(*phase1.local_id);
    }
    if (phase1.peer_id) {
        entry.peer_id_text = phase1.peer_id->text;
        entry.peer_id_type = type_of(*phase1.peer_id);
    }
    return entry;
}

Phase2Entry entry_of(const Phase2& phase2) {
    Phase2Entry entry;
    static_cast<Phase2&>(entry) = phase2;
    entry.key = phase2.name;
    entry.offload_choice = choice_of(phase2.offload);
    entry.source = fields_of(phase2.selectors.local, phase2.local_name);
    entry.destination = fields_of(phase2.selectors.remote, phase2.remote_name);
    entry.selector_protocol = phase2.selectors.protocol;
    entry.source_port = phase2.selectors.local_port;
    entry.destination_port = phase2.selectors.remote_port;
    return entry;
}

DaemonEntry entry_of(const DaemonOptions& daemon) {
    DaemonEntry entry;
    static_cast<DaemonOptions&>(entry) = daemon;
    return entry;
}

}  // namespace xfrmd::config
