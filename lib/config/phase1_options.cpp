// The table of "phase1-interface" and "phase1". Ranges and defaults are FortiOS's.
#include <algorithm>
#include <array>

#include "config/sections.hpp"

namespace xfrmd::config {

namespace {
namespace phase1 {

constexpr std::array ike_versions{
    choice("2", IkeVersion::v2),
    refused_choice("1", "xfrmd speaks IKEv2 only; set ike-version 2 at the other end too")};

constexpr std::array ip_versions{choice("4", IpFamily::v4), choice("6", IpFamily::v6)};

constexpr std::array types{choice("static", GatewayType::static_),
                           choice("ddns", GatewayType::ddns),
                           choice("dynamic", GatewayType::dynamic)};

constexpr std::string_view no_country = "xfrmd knows addresses only, neither countries nor tags";
constexpr std::array gateway_matches{
    choice("any", GatewayMatch::any), choice("ipmask", GatewayMatch::ipmask),
    choice("iprange", GatewayMatch::iprange), refused_choice("geography", no_country),
    refused_choice("ztna", no_country)};

constexpr std::array auth_methods{
    choice("psk", AuthMethod::psk),
    refused_choice("signature", "this version does not support certificates")};

constexpr std::string_view no_certificates =
    "this needs certificates, which this version does not support";
constexpr std::array peer_types{
    choice("any", PeerType::any), choice("one", PeerType::one),
    refused_choice("dialup", "xfrmd has no user groups; give each peer a phase 1 with its peerid"),
    refused_choice("peer", no_certificates), refused_choice("peergrp", no_certificates)};

constexpr std::array identity_types{
    choice("auto", IdentityType::automatic),
    choice("fqdn", IdentityType::fqdn),
    choice("user-fqdn", IdentityType::user_fqdn),
    choice("keyid", IdentityType::key_id),
    choice("address", IdentityType::address),
    refused_choice("asn1dn", "this version does not support distinguished names")};

constexpr std::array esn_policies{choice("disable", EsnPolicy::disable),
                                  choice("allow", EsnPolicy::allow),
                                  choice("require", EsnPolicy::require)};

constexpr std::array dpd_modes{choice("on-demand", DpdMode::on_demand),
                               choice("on-idle", DpdMode::on_idle),
                               choice("disable", DpdMode::disable)};

constexpr std::array nat_traversals{choice("enable", NatTraversal::enable),
                                    choice("disable", NatTraversal::disable),
                                    choice("forced", NatTraversal::forced)};

constexpr std::array offloads{choice("auto", Offload::automatic), choice("packet", Offload::packet),
                              choice("crypto", Offload::crypto), choice("none", Offload::none)};

constexpr std::string_view example_proposal =
    "write \"proposal\": [\"aes128gcm-prfsha256\", \"aes256-sha256\"]";

constexpr std::uint64_t max_u32 = std::numeric_limits<std::uint32_t>::max();

template <auto Member, auto Decided = Member>
constexpr Option<Phase1Entry> row(std::string_view name, Shape shape, Renews renews,
                                  std::string_view meaning) {
    return option<Phase1Entry, Member, Decided>(name, shape, renews, meaning);
}

using P = Phase1Entry;
using enum Renews;

constexpr std::array rows{
    row<&P::type>("type", one_of(types), tunnel,
                  "Where the peer is: at remote-gw (static), behind the name remotegw-ddns (ddns), "
                  "or anywhere, and then it is the peer that calls (dynamic)."),
    row<&P::interface>("interface", text(15), tunnel, "The network device that IKE and ESP use.")
        .or_else_write("write \"interface\": \"eth0\""),
    row<&P::ip_version>("ip-version", one_number_of(ip_versions), tunnel,
                        "The IP version between the gateways."),
    row<&P::ike_version, decides_nothing>("ike-version", one_number_of(ike_versions), tunnel,
                                          "Always 2."),
    row<&P::local_gateway4, &P::local_gateway>(
        "local-gw", address(IpFamily::v4), tunnel,
        "Our address; 0.0.0.0 is the first one of the interface.")
        .when("ip-version", "4"),
    row<&P::local_gateway6, &P::local_gateway>("local-gw6", address(IpFamily::v6), tunnel,
                                               "Our address; :: is the first one of the interface.")
        .when("ip-version", "6"),
    row<&P::remote_gateway4, &P::remote_gateway>("remote-gw", address(IpFamily::v4), tunnel,
                                                 "The peer's address.")
        .when("ip-version", "4"),
    row<&P::remote_gateway6, &P::remote_gateway>("remote-gw6", address(IpFamily::v6), tunnel,
                                                 "The peer's address.")
        .when("ip-version", "6"),
    row<&P::remote_gateway_name>("remotegw-ddns", text(63), tunnel,
                                 "The peer's name, looked up again at each attempt.")
        .when("type", "ddns"),
    row<&P::gateway_match, &P::remote_gateway_match>("remote-gw-match", one_of(gateway_matches),
                                                     tunnel, "From which addresses peers may call.")
        .when("type", "dynamic"),
    row<&P::gateway_match_subnet, &P::remote_gateway_match>("remote-gw-subnet", any_subnet(),
                                                            tunnel, "The subnet of these peers.")
        .when("remote-gw-match", "ipmask"),
    row<&P::gateway_match_start, &P::remote_gateway_match>(
        "remote-gw-start-ip", any_address(), tunnel, "The first address of these peers.")
        .when("remote-gw-match", "iprange"),
    row<&P::gateway_match_end, &P::remote_gateway_match>("remote-gw-end-ip", any_address(), tunnel,
                                                         "The last address of these peers.")
        .when("remote-gw-match", "iprange"),
    row<&P::auth_method, decides_nothing>("authmethod", one_of(auth_methods), tunnel,
                                          "How the two ends prove themselves."),
    row<&P::psk_source, &P::psk>("psksecret", shape(Form::secret), tunnel,
                                 "The pre-shared key: ASCII, or hexadecimal behind 0x.")
        .or_else_write("write \"psksecret\": {\"credential\": NAME}")
        .stands_for_more(),
    row<&P::psk_remote_source, &P::psk_remote>(
        "psksecret-remote", shape(Form::secret), tunnel,
        "The key that the peer uses, where it differs from ours.")
        .stands_for_more(),
    row<&P::peer_type>("peertype", one_of(peer_types), tunnel,
                       "Which identity of the peer is taken: any, or only peerid."),
    row<&P::peer_id_text, &P::peer_id>("peerid", text(255), tunnel, "The peer's identity.")
        .when("peertype", "one"),
    row<&P::peer_id_type, &P::peer_id>(
        "peerid-type", one_of(identity_types), tunnel,
        "The type of peerid (xfrmd's own option); auto as in localid-type.")
        .when("peertype", "one"),
    row<&P::local_id_text, &P::local_id>("localid", text(63), tunnel,
                                         "Our identity; empty is our address."),
    row<&P::local_id_type, &P::local_id>(
        "localid-type", one_of(identity_types), tunnel,
        "The type of localid; auto takes an IP address for an address, a text "
        "with @ for user-fqdn, all else for fqdn."),
    row<&P::proposals>("proposal", shape(Form::ike_proposals), tunnel,
                       "The algorithms of the IKE SA, the preferred ones first.")
        .or_else_write(example_proposal),
    row<&P::key_exchanges>("dhgrp", shape(Form::groups), tunnel,
                           "The Diffie-Hellman groups; the first is tried first."),
    row<&P::keylife>("keylife", number(120, 172800), nothing, "Lifetime of the IKE SA in seconds."),
    row<&P::rekey>("rekey", boolean(), nothing, "Renew the IKE SA before its lifetime ends."),
    row<&P::reauth>("reauth", boolean(), nothing, "Renew it by authenticating anew."),
    row<&P::esn>("esn", one_of(esn_policies), child_sas,
                 "Extended sequence numbers of the Child SAs."),
    row<&P::childless>("childless-ike", boolean(), nothing,
                       "Set up the IKE SA first, its Child SAs in exchanges of their own."),
    row<&P::passive>("passive-mode", boolean(), tunnel, "Never start anything, only answer.")
        .free_to_turn_off(),
    row<&P::auto_negotiate>("auto-negotiate", boolean(), nothing,
                            "Allow the IKE SA to be started without traffic. In effect off while "
                            "passive-mode is on."),
    row<&P::negotiate_timeout>("negotiate-timeout", number(1, 300), nothing,
                               "Seconds that the first negotiation may take."),
    row<&P::dpd>("dpd", one_of(dpd_modes), nothing,
                 "When to ask whether the peer is alive: never, when packets go out and none come "
                 "in (on-demand), whenever none come in (on-idle)."),
    row<&P::dpd_retry_count>(
        "dpd-retrycount", number(1, 10), nothing,
        "Times dpd-retryinterval, 93 s at most: how long an answer is awaited."),
    row<&P::dpd_retry_interval>("dpd-retryinterval",
                                {.form = Form::interval, .minimum = 1, .maximum = 3600}, nothing,
                                "Seconds of silence before the peer is asked; also "
                                "[SECONDS, MILLISECONDS]."),
    row<&P::nat_traversal>("nattraversal", one_of(nat_traversals), tunnel,
                           "ESP in UDP: where there is a NAT, never, or always."),
    row<&P::nat_keepalive>("keepalive", number(5, 900), nothing,
                           "Seconds between the packets that keep a NAT's mapping.")
        .mild_when("nattraversal", "enable", "forced"),
    row<&P::fragmentation>("fragmentation", boolean(), tunnel, "IKE fragmentation (RFC 7383)."),
    row<&P::fragmentation_mtu>("fragmentation-mtu", number(500, 16000), nothing,
                               "IKE messages are fragmented to this size.")
        .mild_when("fragmentation", "true"),
    row<&P::add_route>("add-route", boolean(), nothing,
                       "Set routes to the networks of a dial-up peer."),
    row<&P::offload>("offload", one_of(offloads), child_sas,
                     "How much of ESP the network card does (xfrmd's own option)."),
    row<&P::offload_require>("offload-require", boolean(), child_sas,
                             "Rather no tunnel than one without offload (xfrmd's own option)."),
    row<&P::offload_prefer_suites>(
        "offload-prefer-suites", boolean(), child_sas,
        "Offer first what the network card takes over (xfrmd's own option)."),
    row<&P::monitor>("monitor", shape(Form::names), nothing,
                     "This tunnel is the backup of these entries of phase1-interface."),
    row<&P::monitor_minimum>("monitor-min", number(0, max_u32), nothing,
                             "How many of them must be down; 0 is all."),
    row<&P::idle_timeout, decides_nothing>("idle-timeout", boolean(), nothing,
                                           "Take the tunnel down when it is idle."),
    row<&P::idle_timeout_minutes, decides_nothing>(
        "idle-timeoutinterval", number(5, 43200), nothing,
        "Minutes without traffic after which it is idle.")
        .mild_when("idle-timeout", "true"),
    row<&P::comments>("comments", text(255), nothing, "Free text."),
};

constexpr std::array route_based_only{std::string_view("monitor"), std::string_view("monitor-min")};

}  // namespace phase1
}  // namespace

std::span<const Option<Phase1Entry>> phase1_options() {
    return phase1::rows;
}

bool is_for_route_based_only(std::string_view phase1_option) {
    return std::ranges::find(phase1::route_based_only, phase1_option) !=
           phase1::route_based_only.end();
}

}  // namespace xfrmd::config
