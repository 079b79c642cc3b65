// A message as the typed set of its payloads (RFC 7296 sections 2.5 and 3.2).
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "wire/auth_payload.hpp"
#include "wire/cert_payload.hpp"
#include "wire/cert_request_payload.hpp"
#include "wire/config_payload.hpp"
#include "wire/delete_payload.hpp"
#include "wire/eap_payload.hpp"
#include "wire/encrypted_fragment_payload.hpp"
#include "wire/encrypted_payload.hpp"
#include "wire/id_payload.hpp"
#include "wire/key_exchange_payload.hpp"
#include "wire/nonce_payload.hpp"
#include "wire/notify_payload.hpp"
#include "wire/parse_error.hpp"
#include "wire/sa_payload.hpp"
#include "wire/traffic_selector_payload.hpp"
#include "wire/vendor_id_payload.hpp"

namespace xfrmd::wire {

/// The payloads of one message, or of the inside of one SK payload. Their views' owner is the chain
/// that was parsed. Which of them an exchange needs is the exchange's matter.
struct Payloads {
    /// An end-entity certificate and a path of seven authorities; longer ones are attacks.
    static constexpr std::size_t max_certs = 8;
    /// One for each encoding that a peer takes would be five.
    static constexpr std::size_t max_cert_requests = 16;
    /// The flags and hashes of an exchange are about fifteen; MOBIKE adds an address each.
    static constexpr std::size_t max_notifies = 64;
    /// One for each protocol would be three.
    static constexpr std::size_t max_deletes = 16;
    /// The most that are known of an implementation are about ten.
    static constexpr std::size_t max_vendor_ids = 32;

    std::optional<SaPayload> sa;
    std::optional<KeyExchangePayload> ke;
    std::optional<NoncePayload> nonce;
    std::optional<IdPayload> idi;
    std::optional<IdPayload> idr;
    std::optional<AuthPayload> auth;
    std::vector<CertPayload> certs;
    std::vector<CertRequestPayload> cert_requests;
    std::vector<NotifyPayload> notifies;
    std::vector<DeletePayload> deletes;
    std::vector<VendorIdPayload> vendor_ids;
    std::optional<TrafficSelectorPayload> tsi;
    std::optional<TrafficSelectorPayload> tsr;
    std::optional<ConfigPayload> config;
    std::optional<EapPayload> eap;
    std::optional<EncryptedPayload> encrypted;
    std::optional<EncryptedFragmentPayload> encrypted_fragment;

    /// The first notify of a type, or null.
    const NotifyPayload* find(NotifyType type) const;
};

/// Reads all payloads of a chain; `first` comes from the octet in front of it. Payloads of unknown
/// type are skipped unless they are critical; the critical bit of known ones is ignored.
/// Errors: unsupported_critical_payload, or invalid_syntax: what PayloadChain and the payloads'
/// parsers refuse, a second payload of a kind that stands once, more than its limit of the others.
std::expected<Payloads, ParseError> parse_payloads(PayloadType first, ByteView chain);

/// The same for the decrypted inside of SK or of reassembled SKF payloads, where another SK or SKF
/// is invalid_syntax.
std::expected<Payloads, ParseError> parse_inner_payloads(PayloadType first, ByteView chain);

/// Sets the length in the header of a complete message, which starts at the front of `message`.
void finish_message(Bytes& message);

}  // namespace xfrmd::wire
