#include "ike/reason.hpp"

#include <array>
#include <cstddef>

#include "base/assert.hpp"

namespace xfrmd::ike {
namespace {

struct Row {
    Reason reason;
    const char* code;
    const char* advice;
};

constexpr std::array rows{
    Row{Reason::peer_silent, "peer-silent",
        "check that UDP 500 and 4500 reach the peer and that its daemon runs"},
    Row{Reason::negotiation_timeout, "negotiation-timeout",
        "the peer did not finish the negotiation within negotiate-timeout"},
    Row{Reason::no_proposal_chosen, "no-proposal-chosen",
        "make proposal and dhgrp of phase 1 agree on both ends"},
    Row{Reason::esp_no_proposal_chosen, "esp-no-proposal-chosen",
        "make proposal, encapsulation and esn of phase 2 agree on both ends"},
    Row{Reason::invalid_key_exchange, "invalid-key-exchange",
        "make dhgrp agree on both ends; if it does, the peer sent an invalid public value"},
    Row{Reason::authentication_failed_local, "authentication-failed-local",
        "the peer refused our proof: compare psksecret and localid with what the peer expects"},
    Row{Reason::authentication_failed_remote, "authentication-failed-remote",
        "the peer's proof does not fit our psksecret: compare the secrets of both ends"},
    Row{Reason::identity_mismatch, "identity-mismatch",
        "set peerid to the identity that the peer sends, or its localid to ours"},
    Row{Reason::no_gateway, "no-gateway",
        "no phase 1 fits this peer: check remote-gw, local-gw, interface and peerid"},
    Row{Reason::traffic_selectors_unacceptable, "traffic-selectors-unacceptable",
        "make the addresses, protocol and ports of phase 2 mirror the peer's"},
    Row{Reason::invalid_syntax, "invalid-syntax", "the message breaks RFC 7296: report it"},
    Row{Reason::unsupported_critical_payload, "unsupported-critical-payload",
        "an extension was demanded that one end does not have"},
    Row{Reason::peer_refused, "peer-refused", "look at the peer's log for its reason"},
    Row{Reason::peer_deleted, "peer-deleted", "the peer ended it; its log tells why"},
    Row{Reason::kernel_refused, "kernel-refused",
        "the kernel's own words are in the message; a missing module is the usual cause"},
    Row{Reason::local_address_missing, "local-address-missing",
        "give the interface an address of the right family, or set local-gw"},
    Row{Reason::stopped, "stopped", "it was ended here on purpose"},
    Row{Reason::too_many_retries, "too-many-retries",
        "the peer keeps asking for another cookie or group"},
    Row{Reason::replaced, "replaced", "a newer SA took its place"},
    Row{Reason::configuration_changed, "configuration-changed", "its configuration changed"},
    Row{Reason::duplicate, "duplicate", "both ends started at once; the surplus went"},
    Row{Reason::passive_mode, "passive-mode", "passive-mode never initiates; the peer must"},
    Row{Reason::limit_reached, "limit-reached", "the message names the limit"},
    Row{Reason::lifetime_expired, "lifetime-expired", "its keylife is over"},
    Row{Reason::rekeyed, "rekeyed", "a successor with other keys took over"},
    Row{Reason::name_not_resolved, "name-not-resolved",
        "look remotegw-ddns up on this machine: its resolver's words are in the message"},
    Row{Reason::standby, "standby", "a phase 1 of its monitor list is up"},
    Row{Reason::peer_forgot_child, "peer-forgot-child",
        "the peer does not know this IPsec SA any more, and another one is made"},
    Row{Reason::transport_behind_nat, "transport-behind-nat",
        "use tunnel-mode: in transport mode only the end that begins may be behind a NAT, and only "
        "if the other one puts up with it, as xfrmd does not"},
    Row{Reason::algorithm_missing, "algorithm-missing",
        "take the algorithms out of proposal and dhgrp that this machine's OpenSSL lacks"},
    Row{Reason::interface_missing, "interface-missing",
        "set interface to a device that exists, or make the device"},
    Row{Reason::interface_down, "interface-down", "set the device up: ip link set DEVICE up"},
    Row{Reason::no_route, "no-route", "give this machine a route to remote-gw"},
    Row{Reason::send_refused, "send-refused",
        "a firewall on this machine keeps UDP 500 or 4500 from leaving, or the source address is "
        "gone"},
    Row{Reason::waiting_for_traffic, "waiting-for-traffic",
        "send a packet into the tunnel, run xfrmctl up, or set auto-negotiate"},
    Row{Reason::waiting_for_peer, "waiting-for-peer",
        "the peer has to begin: look at its side, and that UDP 500 and 4500 get here"},
    Row{Reason::kernel_state_lost, "kernel-state-lost",
        "something else on this machine removes IPsec state: ip xfrm state flush, another daemon"},
    Row{Reason::no_return_traffic, "no-return-traffic",
        "look whether the peer gets the packets, has a route back, and lets ESP out"},
    Row{Reason::integrity_failures, "integrity-failures",
        "packets are damaged on their way, or the peer uses other keys: rekey"},
    Row{Reason::offload_required, "offload-required",
        "the device's own words are in the message: choose a suite and a mode that it takes, or "
        "unset offload-require"},
    Row{Reason::offload_lost, "offload-lost",
        "the kernel or the device's driver gave it up: the system's log may tell why"},
    Row{Reason::offload_device_lost, "offload-device-lost",
        "look at the link of the device that is named; another IPsec SA is made as soon as there "
        "is a way to the peer"},
};

const Row& row(Reason reason) {
    const Row& found = rows[static_cast<std::size_t>(reason)];
    XFRMD_ASSERT(found.reason == reason);
    return found;
}

}  // namespace

const char* code(Reason reason) {
    return row(reason).code;
}

const char* advice(Reason reason) {
    return row(reason).advice;
}

}  // namespace xfrmd::ike
