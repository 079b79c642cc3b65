// The configuration as plain values: what a file says after names are resolved and defaults filled
// in.
//
// A phase 1 is a peer (one IKE SA in normal life), a phase 2 is one Child SA of it. Values are in
// effect as they stand here: `keepalive` already includes what auto-negotiate implies, selectors
// already hold the addresses that names stand for. A tunnel that is up shares ownership of its
// Phase1, so a reload never pulls it away.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"
#include "base/secret.hpp"
#include "crypto/suite.hpp"
#include "wire/registry.hpp"

namespace xfrmd::config {

/// "type": where the peer's address comes from.
enum class GatewayType : std::uint8_t { static_, ddns, dynamic };

/// "peertype": which identity of the peer is accepted.
enum class PeerType : std::uint8_t { any, one };

/// An identity as it goes over the wire (RFC 7296 section 3.5) and as the file spells it.
struct Identity {
    wire::IdType type{};
    Bytes data;
    std::string text;

    friend bool operator==(const Identity& a, const Identity& b) {
        return a.type == b.type && a.data == b.data;
    }
};

/// One token of a phase 1's "proposal"; it is combined with each of "dhgrp".
struct IkeProposal {
    crypto::Cipher cipher;
    wire::IntegrityId integrity = wire::IntegrityId::none;
    wire::PrfId prf{};

    friend bool operator==(const IkeProposal&, const IkeProposal&) = default;
};

/// One token of a phase 2's "proposal".
struct EspProposal {
    crypto::Cipher cipher;
    wire::IntegrityId integrity = wire::IntegrityId::none;

    friend bool operator==(const EspProposal&, const EspProposal&) = default;
};

enum class DpdMode : std::uint8_t { disable, on_demand, on_idle };
enum class NatTraversal : std::uint8_t { enable, disable, forced };
enum class EsnPolicy : std::uint8_t { disable, allow, require };
enum class Encapsulation : std::uint8_t { tunnel, transport };
/// "keylife-type": which of the limits count.
enum class KeylifeType : std::uint8_t { seconds, kbs, both };

/// "offload": `automatic` tries packet, then crypto, then software.
enum class Offload : std::uint8_t { automatic, packet, crypto, none };

/// What a Child SA carries: every pair of a local and a remote range, of one protocol.
/// A port of 0 means all ports, a protocol of 0 all protocols.
struct Selectors {
    std::vector<IpRange> local;
    std::vector<IpRange> remote;
    std::uint8_t protocol = 0;
    std::uint16_t local_port = 0;
    std::uint16_t remote_port = 0;

    friend bool operator==(const Selectors&, const Selectors&) = default;
};

/// An entry of "phase2-interface" or "phase2".
struct Phase2 {
    std::string name;
    std::vector<EspProposal> proposals;
    bool pfs = true;
    std::vector<wire::KeyExchangeMethod> key_exchanges;  ///< "dhgrp"; used by CREATE_CHILD_SA only
    bool replay = true;
    bool keepalive = false;  ///< in effect: set, or implied by auto-negotiate
    bool auto_negotiate = false;
    KeylifeType keylife_type = KeylifeType::seconds;
    std::chrono::seconds keylife{43200};
    std::uint64_t keylife_kilobytes = 5120;  ///< of 1024 octets
    Encapsulation encapsulation = Encapsulation::tunnel;
    Selectors selectors;
    /// The entries of "address" or "addrgrp" that the selectors were taken from; empty: none.
    std::string local_name, remote_name;
    bool initiator_ts_narrow = false;
    std::optional<Offload> offload;  ///< overrides the phase 1's
    std::string comments;
};

/// An entry of "phase1-interface" (route-based) or "phase1" (policy-based).
struct Phase1 {
    std::string name;
    bool route_based = true;  ///< xfrmd owns an XFRM interface of this name
    GatewayType type = GatewayType::static_;
    std::string interface;  ///< the underlay device
    IpFamily ip_version = IpFamily::v4;
    std::optional<IpAddress> local_gateway;   ///< absent: the interface's first address
    std::optional<IpAddress> remote_gateway;  ///< present for `static_`
    /// "remote-gw-match", for `dynamic`: from where peers may come; absent: from everywhere.
    std::optional<IpRange> remote_gateway_match;
    std::string remote_gateway_name;  ///< "remotegw-ddns", for `ddns`

    std::vector<IkeProposal> proposals;
    std::vector<wire::KeyExchangeMethod> key_exchanges;  ///< "dhgrp", the first is sent
    std::shared_ptr<const Secret> psk;                   ///< what we prove ourselves with
    std::shared_ptr<const Secret> psk_remote;  ///< what the peer must prove; the same unless set
    PeerType peer_type = PeerType::any;
    std::optional<Identity> peer_id;   ///< for PeerType::one
    std::optional<Identity> local_id;  ///< absent: our address

    std::chrono::seconds keylife{86400};
    bool rekey = true;
    bool reauth = false;
    EsnPolicy esn = EsnPolicy::disable;
    bool childless = false;
    bool passive = false;
    bool auto_negotiate = true;  ///< in effect: off while passive
    std::chrono::seconds negotiate_timeout{30};
    DpdMode dpd = DpdMode::on_demand;
    std::uint32_t dpd_retry_count = 3;
    std::chrono::milliseconds dpd_retry_interval{20000};
    NatTraversal nat_traversal = NatTraversal::enable;
    std::chrono::seconds nat_keepalive{10};
    bool fragmentation = true;
    std::uint16_t fragmentation_mtu = 1200;
    bool add_route = true;
    Offload offload = Offload::automatic;
    bool offload_require = false;
    bool offload_prefer_suites = false;  ///< ESP proposals that the device takes come first
    std::vector<std::string> monitor;    ///< this tunnel is the backup of these phase 1s
    std::uint32_t monitor_minimum = 0;   ///< how many of them must be down; 0: all
    std::string comments;

    std::vector<Phase2> phase2s;  ///< in the order of the file
};

/// The section "daemon": what is xfrmd's own.
struct DaemonOptions {
    std::uint32_t half_open_limit = 10000;            ///< "embryonic-limit"
    std::uint32_t half_open_limit_per_address = 128;  ///< "embryonic-limit-per-address"
    std::uint32_t cookie_threshold = 64;              ///< half-open calls; 0: always
    std::string control_group;  ///< "control-group": who may read; empty: root alone
    std::string metrics;        ///< "metrics": where they are served; empty: nowhere
};

struct Config {
    std::vector<std::shared_ptr<const Phase1>> phase1s;  ///< sorted by name, all names differ
    DaemonOptions daemon;

    /// True for a route-based tunnel's name, which is its network device's too.
    bool has_device(std::string_view name) const {
        return std::ranges::any_of(phase1s, [name](const auto& phase1) {
            return phase1->route_based && phase1->name == name;
        });
    }
};

}  // namespace xfrmd::config
