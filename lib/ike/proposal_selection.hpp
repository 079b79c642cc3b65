// Algorithms: what we offer, what we choose from an offer, what we accept as an answer
// (RFC 7296 sections 2.7 and 3.3).
//
// Each token of the configuration is a proposal of its own, so that no mix of two tokens is ever
// offered, and AEAD and CBC never share one (section 3.3).
#pragma once

#include <optional>
#include <span>

#include "config/model.hpp"
#include "crypto/suite.hpp"
#include "wire/sa_payload.hpp"

namespace xfrmd::ike {

/// Phase 1's proposals, each with all of dhgrp in order.
wire::SaPayload ike_offer(const config::Phase1& phase1);

/// A choice made from an offer.
struct IkeChoice {
    std::uint8_t proposal_number = 0;
    crypto::IkeSuite suite;
};

/// As responder: the first of our tokens that the peer offers. Of the groups that both have, the
/// one the peer sent a KE payload for saves a round trip; else the first of ours.
std::optional<IkeChoice> choose_ike(const wire::SaPayload& offer, const config::Phase1& phase1,
                                    wire::KeyExchangeMethod peer_sent);

/// As initiator: the peer's answer must be one proposal with one transform of each type, out of
/// what we offered. The group must be the one we sent a KE payload for.
std::optional<IkeChoice> accept_ike_answer(const wire::SaPayload& answer,
                                           const config::Phase1& phase1,
                                           wire::KeyExchangeMethod sent);

/// The answer that announces a choice; it has no SPI (IKE_SA_INIT).
wire::SaPayload ike_answer(const IkeChoice& choice);

/// The SPI in all proposals, as a rekey of an IKE SA has it (RFC 7296 section 3.3.1); 8 octets in
/// network order. The payload's views are of it.
void give_spi(wire::SaPayload& payload, ByteView spi);
/// Takes the SPI out of all proposals of a rekey: the rest is read as in IKE_SA_INIT. Nothing if
/// they are not of the same 8 octets, or zero.
std::optional<IkeSpi> take_spi(wire::SaPayload& payload);

/// What a Child SA may be made of: phase 2's tokens and phase 1's esn.
struct EspTerms {
    std::span<const config::EspProposal> proposals;
    config::EsnPolicy esn = config::EsnPolicy::disable;
    /// Groups for PFS. Nothing in IKE_AUTH, which has no KE payload: a group in its proposals is
    /// meant for later rekeys, as some peers list it, and is passed over. Empty in CREATE_CHILD_SA
    /// without PFS.
    std::optional<std::span<const wire::KeyExchangeMethod>> key_exchanges = std::nullopt;
};

/// `spi` holds our inbound SPI, 4 octets in network order; the views in the payload are of it.
wire::SaPayload esp_offer(const EspTerms& terms, ByteView spi);

struct EspChoice {
    std::uint8_t proposal_number = 0;
    crypto::EspSuite suite;
    EspSpi peer_spi;
};

/// As responder: the first of our tokens that the peer offers, with the group it sent a KE payload
/// for, if that is among those in common, else the first of ours.
std::optional<EspChoice> choose_esp(
    const wire::SaPayload& offer, const EspTerms& terms,
    wire::KeyExchangeMethod peer_sent = wire::KeyExchangeMethod::none);

std::optional<EspChoice> accept_esp_answer(const wire::SaPayload& answer, const EspTerms& terms);

wire::SaPayload esp_answer(const EspChoice& choice, ByteView spi);

}  // namespace xfrmd::ike
