// The entries of all sections as the files write them, before names are resolved.
//
// An entry is filled by its section's table. Where a value needs no more work it lies in the model
// already (the base class); what has to be resolved stands beside it as it was written.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/identity.hpp"
#include "config/model.hpp"
#include "config/pre_shared_key.hpp"
#include "config/problem.hpp"

namespace xfrmd::config {

/// An entry's name, where it stands and which of its options were set in which line.
struct Entry {
    std::string key;
    Place place;
    std::map<std::string_view, unsigned> lines;  ///< by the name in the section's table
    std::set<std::string_view> refused;          ///< options whose value was not taken

    /// False if a default stands in for a value that was refused: no rule is to judge it then.
    bool is_sound(std::string_view option) const { return !refused.contains(option); }
    bool has(std::string_view option) const { return lines.contains(option); }
    /// Where the option stands, or the entry if it is not set.
    Place at(std::string_view option) const {
        const auto line = lines.find(option);
        return line == lines.end() ? place : place.below(option, line->second);
    }
};

enum class IkeVersion : std::uint8_t { v2 };
enum class AuthMethod : std::uint8_t { psk };
enum class GatewayMatch : std::uint8_t { any, ipmask, iprange };

struct Phase1Entry : Entry, Phase1 {
    using Model = Phase1;

    explicit Phase1Entry(bool is_route_based = true) {
        route_based = is_route_based;
        add_route = is_route_based;  // FortiOS's default differs between its two sections
        key_exchanges = {wire::KeyExchangeMethod::ecp_384, wire::KeyExchangeMethod::modp_2048};
    }

    IkeVersion ike_version = IkeVersion::v2;
    std::optional<IpAddress> local_gateway4, local_gateway6;
    std::optional<IpAddress> remote_gateway4, remote_gateway6;
    GatewayMatch gateway_match = GatewayMatch::any;
    std::optional<Subnet> gateway_match_subnet;
    std::optional<IpAddress> gateway_match_start, gateway_match_end;
    AuthMethod auth_method = AuthMethod::psk;
    SecretSource psk_source, psk_remote_source;
    std::string local_id_text, peer_id_text;
    IdentityType local_id_type = IdentityType::automatic;
    IdentityType peer_id_type = IdentityType::automatic;
    bool idle_timeout = false;
    std::uint32_t idle_timeout_minutes = 15;
};

/// "src-addr-type" and "dst-addr-type".
enum class AddressType : std::uint8_t { subnet, range, ip, name, subnet6, range6, ip6, name6 };

/// The fields from which one side's selectors are made: "src-..." or "dst-...".
struct SelectorFields {
    AddressType type = AddressType::subnet;
    std::optional<Subnet> subnet, subnet6;
    std::optional<IpAddress> start, start6, end, end6;
    std::string name, name6;
};

/// A phase 2's "offload": the phase 1's, or one of its own.
enum class OffloadChoice : std::uint8_t { phase1, automatic, packet, crypto, none };

struct Phase2Entry : Entry, Phase2 {
    using Model = Phase2;

    Phase2Entry() {
        key_exchanges = {wire::KeyExchangeMethod::ecp_384, wire::KeyExchangeMethod::modp_2048};
    }

    bool route_based = true;  ///< of the section "phase2-interface"
    std::string phase1_name;
    OffloadChoice offload_choice = OffloadChoice::phase1;
    SelectorFields source, destination;
    std::uint8_t selector_protocol = 0;
    std::uint16_t source_port = 0, destination_port = 0;
};

enum class AddressForm : std::uint8_t { ipmask, iprange };

struct AddressEntry : Entry {
    using Model = AddressEntry;

    AddressForm form = AddressForm::ipmask;
    std::optional<Subnet> subnet;
    std::optional<IpAddress> start, end;
    std::string comment;
};

struct GroupEntry : Entry {
    using Model = GroupEntry;

    std::vector<std::string> members;
    std::string comment;
};

struct DaemonEntry : Entry, DaemonOptions {
    using Model = DaemonOptions;
};

/// Everything that the files say, in their order.
struct Settings {
    DaemonEntry daemon;
    std::vector<AddressEntry> addresses;
    std::vector<GroupEntry> groups;
    std::vector<Phase1Entry> phase1s;  ///< of both sections
    std::vector<Phase2Entry> phase2s;  ///< of both sections
};

}  // namespace xfrmd::config
