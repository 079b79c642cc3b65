// The states of an IKE SA. Each owns only what it needs, so that leaving one wipes its secrets.
//
//   initiator:  InitSent -> AuthSent -> Established
//   responder:  InitAnswered -> AuthAnswering -> Established
//   both:       Established -> [Rekeyed ->] Deleting -> Dead, and any state -> Dead
//   a successor of an IKE SA is born Established: its predecessor was authenticated
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "base/bytes.hpp"
#include "config/model.hpp"
#include "crypto/key_exchange.hpp"
#include "crypto/key_schedule.hpp"
#include "ike/pending_request.hpp"
#include "ike/proposal_selection.hpp"
#include "ike/reason.hpp"

namespace xfrmd::ike {

/// Keys in use. `sent` counts the messages we protected: it is the IV of AEAD ciphers, so it goes
/// on from state to state (RFC 5282 section 4: never twice under one key).
struct Session {
    crypto::IkeKeys keys;
    std::uint64_t sent = 0;
};

/// What AUTH is computed over (RFC 7296 section 2.15).
struct AuthMaterial {
    Bytes init_request;
    Bytes init_response;
    Bytes nonce_i;
    Bytes nonce_r;
};

/// The Child SA we ask for in IKE_AUTH.
struct ChildWish {
    std::size_t phase2 = 0;
    EspSpi spi_in;
    std::optional<xfrm::Acquire> acquire = std::nullopt;  ///< if traffic is the reason
};

/// IKE_SA_INIT request is out.
struct InitSent {
    crypto::KeyExchange key_exchange;
    Bytes nonce_i;
    Bytes cookie;               ///< to be sent back; empty: none was asked for
    std::uint32_t retries = 0;  ///< COOKIE and INVALID_KE_PAYLOAD so far
    std::size_t phase2 = 0;     ///< whose selectors go into IKE_AUTH
    std::optional<xfrm::Acquire> acquire = std::nullopt;  ///< if traffic is the reason
};

/// IKE_AUTH request is out.
struct AuthSent {
    Session session;
    AuthMaterial material;
    ChildWish child;
    bool childless = false;  ///< the Child SA is asked for when the IKE SA stands (RFC 6023)
};

/// IKE_SA_INIT is answered; nobody is authenticated.
struct InitAnswered {
    Session session;
    AuthMaterial material;
};

/// The peer is authenticated; the kernel installs the Child SA, then IKE_AUTH is answered.
struct AuthAnswering {
    Session session;
    Bytes auth;  ///< our AUTH data
    EspChoice child;
};

struct Established {
    Session session;
    PendingRequest pending{};             ///< what our outstanding request is about
    std::optional<ChildAnswer> answer{};  ///< to the peer's request, waiting for the kernel
};

/// A successor took over; the peer, who asked for it, deletes this one.
struct Rekeyed {
    Session session;
};

/// DELETE is out.
struct Deleting {
    Session session;
};

struct Dead {};

using State = std::variant<InitSent, AuthSent, InitAnswered, AuthAnswering, Established, Rekeyed,
                           Deleting, Dead>;

/// The states' names, in the order of the variant.
enum class StateName : std::uint8_t {
    init_sent,
    auth_sent,
    init_answered,
    auth_answering,
    established,
    rekeyed,
    deleting,
    dead,
};

constexpr const char* to_text(StateName name) {
    constexpr std::array names{"INIT_SENT",   "AUTH_SENT", "INIT_ANSWERED", "AUTH_ANSWERING",
                               "ESTABLISHED", "REKEYED",   "DELETING",      "DEAD"};
    return names[std::to_underlying(name)];
}

/// Which state may follow which. Only two ways lead to ESTABLISHED, and each passes the check of
/// the peer's AUTH: the exchange IKE_AUTH, as initiator or as responder. (The successor of an IKE
/// SA that was rekeyed begins there.)
constexpr bool may_follow(StateName from, StateName to) {
    using enum StateName;
    if (to == dead) return from != dead;
    switch (from) {
        case init_sent: return to == auth_sent;
        case auth_sent: return to == established || to == deleting;
        case init_answered: return to == auth_answering || to == established;
        case auth_answering: return to == established;
        case established: return to == rekeyed || to == deleting;
        case rekeyed: return to == deleting;
        case deleting:
        case dead: return false;
    }
    return false;
}

}  // namespace xfrmd::ike
