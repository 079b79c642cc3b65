// Exchanges of both ends that cross: the letters by name, the roles and the orders of nonces that a
// scenario is played in, and how it has to end.
#pragma once

#include <functional>
#include <vector>

#include "sim/rekeying.hpp"

namespace xfrmd::test {

// ---- The letters ----

inline Pick request_of(const Gateway& sender) {
    return from(sender).request().of(wire::ExchangeType::create_child_sa);
}
inline Pick response_of(const Gateway& sender) {
    return from(sender).response().of(wire::ExchangeType::create_child_sa);
}
inline Pick delete_of(const Gateway& sender) {
    return from(sender).request().of(wire::ExchangeType::informational);
}
inline Pick delete_response_of(const Gateway& sender) {
    return from(sender).response().of(wire::ExchangeType::informational);
}

/// Delivers a letter that must be there, and lets 20 ms pass: packets try what is then.
void step(Rekeying& pair, const Pick& letter);
/// Delivers all that wait and all that comes of it, one at a time in the order of departure.
void step_through(Rekeying& pair);
/// Loses a letter that must be there.
void lose(Rekeying& pair, const Pick& letter);
/// Delivers a letter that must be there with another body in its payload of that type, under the
/// sender's keys.
using Change = std::function<Bytes(ByteView body)>;
void step_forged(Rekeying& pair, const Pick& letter, wire::PayloadType type, const Change& change);
/// Delivers a request for a successor of the IKE SA as if it came from an end that takes none but
/// another group than the one of its KE payload: INVALID_KE_PAYLOAD is the answer to that.
void step_with_another_group(Rekeying& pair, const Pick& letter);

/// What the letter's notifies say; it must be there.
std::vector<wire::NotifyType> notifies_in(Rekeying& pair, const Pick& letter);
/// How many Child SAs the gateway has, whatever their state.
std::size_t count_children(const Gateway& gateway);

/// Of a collision whose responses have been sent: whether the gateway's own successor is the one
/// that stays.
bool wins(const Rekeying& pair, const Gateway& gateway, const Gateway& other);

/// The notifies of an answer that puts a request off (RFC 7296 section 2.25).
inline const std::vector put_off{wire::NotifyType::temporary_failure};

// ---- Roles, nonces and ends ----

enum class End : std::uint8_t {
    one_child,             ///< exactly one IKE SA with one Child SA, and no packet was lost
    one_child_after_loss,  ///< the same, and packets were lost
    no_child,              ///< an IKE SA without Child SAs
    nothing,               ///< no IKE SA
};

/// The network goes on and time passes: then the end is what it must be, nothing is left over, and
/// both gateways stop without leaving anything in their kernels.
void expect(Rekeying& pair, End end);

/// What happens between two ends; letters are held, and packets run both ways if a Child SA is to
/// be left.
using Crossing = std::function<void(Rekeying& pair, Gateway& a, Gateway& b)>;

/// "dhgrp" of the phase 2s of both ends. Without one there is no PFS.
struct Groups {
    std::vector<wire::KeyExchangeMethod> a;
    std::vector<wire::KeyExchangeMethod> b;
};

/// Plays it twice: `a` is the IKE SA's initiator, or its responder.
void in_both_roles(End end, const Crossing& crossing, const Groups& groups = {});

/// Plays a collision of two rekeys in both roles until each of the four nonces was the lowest once.
/// Of two successors the one of the exchange without that nonce is the one that stays.
void in_all_nonce_orders(End end, const Crossing& crossing, const Groups& groups = {});

}  // namespace xfrmd::test
