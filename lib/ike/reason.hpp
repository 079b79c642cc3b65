// Why something did not work: one table of stable codes, for the journal, the API and the manual.
#pragma once

#include <cstdint>

namespace xfrmd::ike {

enum class Reason : std::uint8_t {
    peer_silent,                   ///< nothing came back within the retransmission schedule
    negotiation_timeout,           ///< the first negotiation took longer than negotiate-timeout
    no_proposal_chosen,            ///< phase 1: no common algorithms
    esp_no_proposal_chosen,        ///< phase 2: no common algorithms
    invalid_key_exchange,          ///< the groups do not fit, or a public value was invalid
    authentication_failed_local,   ///< the peer refused our proof
    authentication_failed_remote,  ///< the peer's proof is wrong: another pre-shared key
    identity_mismatch,             ///< the peer is not who peerid says
    no_gateway,                    ///< no phase 1 fits a peer that called
    traffic_selectors_unacceptable,
    invalid_syntax,  ///< a message broke the protocol's rules
    unsupported_critical_payload,
    peer_refused,           ///< an error notify that has no code of its own here
    peer_deleted,           ///< the peer sent DELETE
    kernel_refused,         ///< errno and the kernel's text are in the message
    local_address_missing,  ///< the interface has no address of the family
    stopped,                ///< by an operator or the daemon's end
    too_many_retries,       ///< COOKIE or INVALID_KE_PAYLOAD without end
    replaced,               ///< a newer SA took its place
    configuration_changed,
    duplicate,             ///< a surplus of a simultaneous start
    passive_mode,          ///< we never initiate
    limit_reached,         ///< one of our own limits, which the message names
    lifetime_expired,      ///< keylife is over
    rekeyed,               ///< a successor took over
    name_not_resolved,     ///< the peer is known by a name that has no address now
    standby,               ///< a backup tunnel, and what it stands in for is up
    peer_forgot_child,     ///< the peer does not know a Child SA of ours (CHILD_SA_NOT_FOUND)
    transport_behind_nat,  ///< transport mode, and a NAT has changed the selectors' addresses
    algorithm_missing,     ///< this machine's library lacks a configured algorithm
    interface_missing,     ///< there is no device of the configured name
    interface_down,
    no_route,             ///< the machine knows no way to the peer
    send_refused,         ///< datagrams may not leave: a firewall here, or the socket
    waiting_for_traffic,  ///< on demand, and no packet has asked for it
    waiting_for_peer,     ///< the peer has to begin, and has not
    kernel_state_lost,    ///< somebody took an SA out of the kernel
    no_return_traffic,    ///< packets leave and none come back
    integrity_failures,   ///< packets come in that do not fit the keys
    offload_required,     ///< offload-require, and no device takes what it asks for
    offload_lost,         ///< an SA is in software, and the device had it before
    offload_device_lost,  ///< the device that carried an SA is down, gone or off the way
};

/// For those who want to see all of them.
inline constexpr Reason last_reason = Reason::offload_device_lost;

/// The stable code: "peer-silent". Never changes once released.
const char* code(Reason reason);

/// What an administrator should look at, one sentence.
const char* advice(Reason reason);

}  // namespace xfrmd::ike
