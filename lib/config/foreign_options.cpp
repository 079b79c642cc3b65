// What FortiOS has in phase 1 and phase 2 and xfrmd has not, each with the reason.
#include <array>

#include "config/sections.hpp"

namespace xfrmd::config {

namespace {

constexpr std::string_view no_certificates = "this version does not support certificates";
constexpr std::string_view no_pqc = "this version does not support additional key exchanges";
constexpr std::string_view no_ppk = "this version does not support post-quantum pre-shared keys";
constexpr std::string_view no_eap = "xfrmd is for tunnels between gateways: it has no users";
constexpr std::string_view no_users = "xfrmd has no user groups";
constexpr std::string_view ikev1 = "it belongs to IKEv1, which xfrmd does not speak";
constexpr std::string_view no_mode_cfg = "this version does not support virtual addresses";
constexpr std::string_view no_advpn = "ADVPN is Fortinet's own protocol";
constexpr std::string_view no_aggregate = "xfrmd leaves aggregation to Linux's routing";
constexpr std::string_view no_vxlan = "xfrmd makes XFRM interfaces only";
constexpr std::string_view no_fec = "forward error correction is Fortinet's own protocol";
constexpr std::string_view no_exchange_ip = "it is an extension of Fortinet's own";
constexpr std::string_view no_overlay = "the number of this extension is not published";
constexpr std::string_view no_tcp = "this version does not support IKE over TCP";
constexpr std::string_view no_key_servers = "xfrmd has no client for key servers";
constexpr std::string_view no_unique = "this version does not support it";
constexpr std::string_view linux_routes = "this version does not set it on routes";
constexpr std::string_view hardware = "it steers Fortinet's hardware; see \"offload\"";
constexpr std::string_view gateway_routes = "xfrmd leaves default routes to the administrator";
constexpr std::string_view no_dscp = "this version does not set DSCP";

using F = ForeignOption;

constexpr std::array phase1_rows{
    F{"authmethod-remote", {"\"psk\"", "\"\""}, no_certificates},
    F{"certificate", {"[]", "\"\""}, no_certificates},
    F{"digital-signature-auth", {"false"}, no_certificates},
    F{"signature-hash-alg", {}, no_certificates},
    F{"rsa-signature-format", {"\"pkcs1\""}, no_certificates},
    F{"rsa-signature-hash-override", {"false"}, no_certificates},
    F{"send-cert-chain", {"true"}, no_certificates},
    F{"cert-id-validation", {"true"}, no_certificates},
    F{"cert-peer-username-validation", {"\"none\""}, no_certificates},
    F{"cert-peer-username-strip", {"false"}, no_certificates},
    F{"peer", {"\"\""}, no_certificates},
    F{"peergrp", {"\"\""}, no_certificates},
    F{"usrgrp", {"\"\""}, no_users},
    F{"authusr", {"\"\""}, no_users},
    F{"authpasswd", {}, no_users},
    F{"authusrgrp", {"\"\""}, no_users},
    F{"acct-verify", {"false"}, no_users},
    F{"group-authentication", {"false"}, no_users},
    F{"group-authentication-secret", {}, no_users},
    F{"eap", {"false"}, no_eap},
    F{"eap-identity", {"\"use-id-payload\""}, no_eap},
    F{"eap-exclude-peergrp", {"\"\""}, no_eap},
    F{"eap-cert-auth", {"false"}, no_eap},
    F{"save-password", {"false"}, no_eap},
    F{"client-auto-negotiate", {"false"}, no_eap},
    F{"client-keep-alive", {"false"}, no_eap},
    F{"xauthtype", {"\"disable\""}, ikev1},
    F{"mode", {"\"main\""}, ikev1},
    F{"forticlient-enforcement", {"false"}, no_eap},
    F{"suite-b", {"\"disable\""}, "write the algorithms into \"proposal\" and \"dhgrp\""},
    F{"ppk", {"\"disable\""}, no_ppk},
    F{"ppk-secret", {}, no_ppk},
    F{"ppk-identity", {"\"\""}, no_ppk},
    F{"addke1", {"0", "\"none\""}, no_pqc},
    F{"addke2", {"0", "\"none\""}, no_pqc},
    F{"addke3", {"0", "\"none\""}, no_pqc},
    F{"addke4", {"0", "\"none\""}, no_pqc},
    F{"addke5", {"0", "\"none\""}, no_pqc},
    F{"addke6", {"0", "\"none\""}, no_pqc},
    F{"addke7", {"0", "\"none\""}, no_pqc},
    F{"qkd", {"\"disable\"", "false"}, no_key_servers},
    F{"qkd-profile", {"\"\""}, no_key_servers},
    F{"kms", {"\"\""}, no_key_servers},
    F{"enforce-unique-id", {"\"disable\""}, no_unique},
    F{"mode-cfg", {"false"}, no_mode_cfg},
    F{"mode-cfg-allow-client-selector", {"false"}, no_mode_cfg},
    F{"assign-ip", {}, no_mode_cfg},
    F{"assign-ip-from", {}, no_mode_cfg},
    F{"ipv4-start-ip", {"\"0.0.0.0\""}, no_mode_cfg},
    F{"ipv4-end-ip", {"\"0.0.0.0\""}, no_mode_cfg},
    F{"ipv4-netmask", {}, no_mode_cfg},
    F{"ipv4-dns-server1", {"\"0.0.0.0\""}, no_mode_cfg},
    F{"ipv4-dns-server2", {"\"0.0.0.0\""}, no_mode_cfg},
    F{"ipv4-dns-server3", {"\"0.0.0.0\""}, no_mode_cfg},
    F{"ipv4-split-include", {"\"\""}, no_mode_cfg},
    F{"ipv4-name", {"\"\""}, no_mode_cfg},
    F{"ipv6-start-ip", {"\"::\""}, no_mode_cfg},
    F{"ipv6-end-ip", {"\"::\""}, no_mode_cfg},
    F{"ipv6-prefix", {}, no_mode_cfg},
    F{"ipv6-name", {"\"\""}, no_mode_cfg},
    F{"dns-mode", {}, no_mode_cfg},
    F{"domain", {"\"\""}, no_mode_cfg},
    F{"banner", {"\"\""}, no_mode_cfg},
    F{"unity-support", {}, no_mode_cfg},
    F{"include-local-lan", {"false"}, no_mode_cfg},
    F{"monitor-hold-down-type", {"\"immediate\""}, "this version does not delay the way back"},
    F{"monitor-hold-down-delay", {"0"}, "this version does not delay the way back"},
    F{"monitor-hold-down-weekday", {}, "this version does not delay the way back"},
    F{"monitor-hold-down-time", {}, "this version does not delay the way back"},
    F{"transport", {"\"udp\""}, no_tcp},
    F{"auto-transport-threshold", {}, no_tcp},
    F{"fortinet-esp", {"false"}, "it is Fortinet's own form of ESP in TCP"},
    F{"fallback-tcp-threshold", {}, no_tcp},
    F{"network-overlay", {"false"}, no_overlay},
    F{"network-id", {"0"}, no_overlay},
    F{"loopback-asymroute", {"true"}, "xfrmd answers wherever Linux routes"},
    F{"exchange-interface-ip", {"false"}, no_exchange_ip},
    F{"exchange-ip-addr4", {"\"0.0.0.0\""}, no_exchange_ip},
    F{"exchange-ip-addr6", {"\"::\""}, no_exchange_ip},
    F{"exchange-fgt-device-id", {"false"}, no_exchange_ip},
    F{"dev-id-notification", {"false", "\"disable\""}, no_exchange_ip},
    F{"dev-id", {"\"\""}, no_exchange_ip},
    F{"net-device", {"false"}, "a phase 1 has always one XFRM interface"},
    F{"tunnel-search", {"\"selectors\""}, "a phase 1 has always one XFRM interface"},
    F{"ip-fragmentation", {"\"post-encapsulation\""}, "the kernel fragments after encapsulation"},
    F{"distance", {"15"}, linux_routes},
    F{"priority", {"1"}, linux_routes},
    F{"default-gw", {"\"0.0.0.0\""}, gateway_routes},
    F{"default-gw-priority", {"0"}, gateway_routes},
    F{"add-gw-route", {"false"}, gateway_routes},
    F{"auto-discovery-sender", {"false"}, no_advpn},
    F{"auto-discovery-receiver", {"false"}, no_advpn},
    F{"auto-discovery-forwarder", {"false"}, no_advpn},
    F{"auto-discovery-psk", {"false"}, no_advpn},
    F{"auto-discovery-shortcuts", {"\"independent\""}, no_advpn},
    F{"auto-discovery-crossover", {}, no_advpn},
    F{"auto-discovery-offer-interval", {}, no_advpn},
    F{"auto-discovery-dialup-placeholder", {"false"}, no_advpn},
    F{"aggregate-member", {"false"}, no_aggregate},
    F{"aggregate-weight", {"1"}, no_aggregate},
    F{"encapsulation", {"\"none\""}, no_vxlan},
    F{"encapsulation-address", {}, no_vxlan},
    F{"encap-local-gw4", {"\"0.0.0.0\""}, no_vxlan},
    F{"encap-remote-gw4", {"\"0.0.0.0\""}, no_vxlan},
    F{"encap-local-gw6", {"\"::\""}, no_vxlan},
    F{"encap-remote-gw6", {"\"::\""}, no_vxlan},
    F{"vni", {"0"}, no_vxlan},
    F{"fec-ingress", {"false"}, no_fec},
    F{"fec-egress", {"false"}, no_fec},
    F{"fec-codec", {}, no_fec},
    F{"fec-base", {}, no_fec},
    F{"fec-redundant", {}, no_fec},
    F{"inbound-dscp-copy", {"false"}, no_dscp},
    F{"npu-offload", {"*"}, hardware},
    F{"packet-redistribution", {"false"}, hardware},
    F{"link-cost", {"0"}, no_aggregate},
    F{"remote-gw-country", {"\"\""}, "xfrmd knows addresses only, no countries"},
    F{"remote-gw-ztna-tags", {"[]"}, "xfrmd knows addresses only, no tags"},
    F{"wizard-type", {"*"}, "an attribute of FortiOS's own interface"},
};

constexpr std::array phase2_rows{
    F{"addke1", {"0", "\"none\""}, no_pqc},
    F{"addke2", {"0", "\"none\""}, no_pqc},
    F{"addke3", {"0", "\"none\""}, no_pqc},
    F{"addke4", {"0", "\"none\""}, no_pqc},
    F{"addke5", {"0", "\"none\""}, no_pqc},
    F{"addke6", {"0", "\"none\""}, no_pqc},
    F{"addke7", {"0", "\"none\""}, no_pqc},
    F{"add-route", {"\"phase1\""}, "this version takes add-route in the phase 1 only"},
    F{"route-overlap", {"\"use-new\""}, "this version has no routes of peers that overlap"},
    F{"single-source", {"false"}, "this version does not support it"},
    F{"diffserv", {"false"}, no_dscp},
    F{"diffservcode", {"0", "\"000000\""}, no_dscp},
    F{"inbound-dscp-copy", {"\"phase1\"", "false"}, no_dscp},
    F{"ipv4-df", {"false"}, "this version leaves the DF bit to the kernel"},
    F{"l2tp", {"false"}, no_eap},
    F{"dhcp-ipsec", {"false"}, no_eap},
    F{"auto-discovery-sender", {"\"phase1\"", "false"}, no_advpn},
    F{"auto-discovery-forwarder", {"\"phase1\"", "false"}, no_advpn},
    F{"selector-match", {"\"auto\""}, "selectors are narrowed as RFC 7296 says"},
    F{"use-natip", {"true"}, "xfrmd translates no addresses"},
};

}  // namespace

std::span<const ForeignOption> phase1_foreign() {
    return phase1_rows;
}

std::span<const ForeignOption> phase2_foreign() {
    return phase2_rows;
}

}  // namespace xfrmd::config
