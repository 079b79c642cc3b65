#include "ike/proposal_selection.hpp"

#include <algorithm>
#include <utility>

namespace xfrmd::ike {
namespace {

using wire::EncryptionId;
using wire::EsnId;
using wire::IntegrityId;
using wire::KeyExchangeMethod;
using wire::PrfId;
using wire::Proposal;
using wire::ProtocolId;
using wire::SaPayload;
using wire::Transform;
using wire::TransformType;

/// The key length attribute that goes with a cipher: none where the cipher has one length only
/// (RFC 7296 section 3.3.5).
std::optional<std::uint16_t> key_length_attribute(crypto::Cipher cipher) {
    if (cipher.id == EncryptionId::chacha20_poly1305) return std::nullopt;
    return cipher.key_bits;
}

Transform encryption_transform(crypto::Cipher cipher) {
    return {TransformType::encryption, std::to_underlying(cipher.id), key_length_attribute(cipher)};
}

template <class Id>
Transform plain_transform(TransformType type, Id id) {
    return {type, std::to_underlying(id), std::nullopt};
}

bool has(const Proposal& proposal, const Transform& wanted) {
    return std::ranges::any_of(proposal.transforms, [&](const Transform& transform) {
        return transform.type == wanted.type && transform.id == wanted.id &&
               transform.key_bits == wanted.key_bits && !transform.unknown_attribute;
    });
}

bool has_type(const Proposal& proposal, TransformType type) {
    return std::ranges::any_of(proposal.transforms,
                               [type](const Transform& t) { return t.type == type; });
}

/// No transform of the type, or NONE among its choices (RFC 7296 section 3.3.6).
template <class Id>
bool may_go_without(const Proposal& proposal, TransformType type, Id none) {
    return !has_type(proposal, type) || has(proposal, plain_transform(type, none));
}

/// "If the initiator ... includes a Transform Type that the responder does not understand, the
/// whole proposal is rejected" (RFC 7296 section 3.3.6).
bool is_understood(const Proposal& proposal) {
    return std::ranges::all_of(proposal.transforms, [](const Transform& transform) {
        return transform.type >= TransformType::encryption &&
               transform.type <= TransformType::extended_sequence_numbers;
    });
}

bool has_protection(const Proposal& proposal, crypto::Cipher cipher, IntegrityId integrity) {
    if (!has(proposal, encryption_transform(cipher))) return false;
    if (integrity == IntegrityId::none)
        return may_go_without(proposal, TransformType::integrity, IntegrityId::none);
    return has(proposal, plain_transform(TransformType::integrity, integrity));
}

bool is_single_choice(const SaPayload& answer) {
    if (answer.proposals.size() != 1) return false;
    const auto& transforms = answer.proposals.front().transforms;
    for (std::size_t i = 0; i < transforms.size(); ++i)
        for (std::size_t j = i + 1; j < transforms.size(); ++j)
            if (transforms[i].type == transforms[j].type) return false;
    return true;
}

bool fits(const Proposal& proposal, const config::IkeProposal& token) {
    return proposal.protocol == ProtocolId::ike && proposal.spi.empty() &&
           is_understood(proposal) && has_protection(proposal, token.cipher, token.integrity) &&
           has(proposal, plain_transform(TransformType::prf, token.prf));
}

std::optional<KeyExchangeMethod> common_group(const Proposal& proposal,
                                              std::span<const KeyExchangeMethod> groups,
                                              KeyExchangeMethod peer_sent) {
    std::optional<KeyExchangeMethod> first;
    for (KeyExchangeMethod group : groups) {
        if (!has(proposal, plain_transform(TransformType::key_exchange, group))) continue;
        if (group == peer_sent) return group;
        if (!first) first = group;
    }
    return first;
}

/// The group of a Child SA; "none" is one of the answers.
std::optional<KeyExchangeMethod> common_esp_group(const Proposal& proposal, const EspTerms& terms,
                                                  KeyExchangeMethod peer_sent) {
    if (!terms.key_exchanges) return KeyExchangeMethod::none;
    if (!terms.key_exchanges->empty())
        return common_group(proposal, *terms.key_exchanges, peer_sent);
    const bool without =
        may_go_without(proposal, TransformType::key_exchange, KeyExchangeMethod::none);
    return without ? std::optional(KeyExchangeMethod::none) : std::nullopt;
}

std::optional<EsnId> common_esn(const Proposal& proposal, config::EsnPolicy policy) {
    const bool with =
        has(proposal, plain_transform(TransformType::extended_sequence_numbers, EsnId::yes));
    // A proposal without the transform stands for "no" in practice.
    const bool without =
        may_go_without(proposal, TransformType::extended_sequence_numbers, EsnId::no);
    if (with && policy != config::EsnPolicy::disable) return EsnId::yes;
    if (without && policy != config::EsnPolicy::require) return EsnId::no;
    return std::nullopt;
}

Proposal ike_proposal(std::uint8_t number, const config::IkeProposal& token,
                      std::span<const KeyExchangeMethod> groups) {
    Proposal proposal{number, ProtocolId::ike, {}, {}};
    proposal.transforms.reserve(3 + groups.size());
    proposal.transforms.push_back(encryption_transform(token.cipher));
    proposal.transforms.push_back(plain_transform(TransformType::prf, token.prf));
    if (token.integrity != IntegrityId::none)
        proposal.transforms.push_back(plain_transform(TransformType::integrity, token.integrity));
    for (KeyExchangeMethod group : groups)
        proposal.transforms.push_back(plain_transform(TransformType::key_exchange, group));
    return proposal;
}

Proposal esp_proposal(std::uint8_t number, const config::EspProposal& token,
                      std::span<const KeyExchangeMethod> groups, std::span<const EsnId> esn,
                      ByteView spi) {
    Proposal proposal{number, ProtocolId::esp, spi, {}};
    proposal.transforms.push_back(encryption_transform(token.cipher));
    if (token.integrity != IntegrityId::none)
        proposal.transforms.push_back(plain_transform(TransformType::integrity, token.integrity));
    for (KeyExchangeMethod group : groups)
        proposal.transforms.push_back(plain_transform(TransformType::key_exchange, group));
    for (EsnId id : esn)
        proposal.transforms.push_back(
            plain_transform(TransformType::extended_sequence_numbers, id));
    return proposal;
}

std::optional<EspChoice> match_esp(const Proposal& proposal, const config::EspProposal& token,
                                   const EspTerms& terms, KeyExchangeMethod peer_sent) {
    if (proposal.protocol != ProtocolId::esp || proposal.spi.size() != 4) return std::nullopt;
    if (!is_understood(proposal) || !has_protection(proposal, token.cipher, token.integrity))
        return std::nullopt;
    const auto group = common_esp_group(proposal, terms, peer_sent);
    const auto esn = common_esn(proposal, terms.esn);
    const EspSpi spi(load_big_endian<std::uint32_t>(proposal.spi.data()));
    // SPIs 0 to 255 are reserved (RFC 4303 section 2.1).
    if (!group || !esn || spi.value() < 256) return std::nullopt;
    crypto::EspSuite suite;
    suite.cipher = token.cipher;
    suite.integrity = token.integrity;
    suite.esn = *esn;
    suite.key_exchange = *group;
    return EspChoice{proposal.number, suite, spi};
}

}  // namespace

SaPayload ike_offer(const config::Phase1& phase1) {
    SaPayload offer;
    for (const config::IkeProposal& token : phase1.proposals)
        offer.proposals.push_back(ike_proposal(
            static_cast<std::uint8_t>(offer.proposals.size() + 1), token, phase1.key_exchanges));
    return offer;
}

std::optional<IkeChoice> choose_ike(const SaPayload& offer, const config::Phase1& phase1,
                                    KeyExchangeMethod peer_sent) {
    for (const config::IkeProposal& token : phase1.proposals) {
        for (const Proposal& proposal : offer.proposals) {
            if (!fits(proposal, token)) continue;
            const auto group = common_group(proposal, phase1.key_exchanges, peer_sent);
            if (!group) continue;
            return IkeChoice{proposal.number, {token.cipher, token.integrity, token.prf, *group}};
        }
    }
    return std::nullopt;
}

std::optional<IkeChoice> accept_ike_answer(const SaPayload& answer, const config::Phase1& phase1,
                                           KeyExchangeMethod sent) {
    if (!is_single_choice(answer)) return std::nullopt;
    const auto choice = choose_ike(answer, phase1, sent);
    if (!choice || choice->suite.key_exchange != sent) return std::nullopt;
    return choice;
}

SaPayload ike_answer(const IkeChoice& choice) {
    const crypto::IkeSuite& suite = choice.suite;
    SaPayload answer;
    answer.proposals.push_back(ike_proposal(choice.proposal_number,
                                            {suite.cipher, suite.integrity, suite.prf},
                                            std::span(&suite.key_exchange, 1)));
    return answer;
}

void give_spi(SaPayload& payload, ByteView spi) {
    for (Proposal& proposal : payload.proposals)
        proposal.spi = spi;
}

std::optional<IkeSpi> take_spi(SaPayload& payload) {
    std::optional<IkeSpi> spi;
    for (Proposal& proposal : payload.proposals) {
        if (proposal.spi.size() != sizeof(std::uint64_t)) return std::nullopt;
        const IkeSpi here(load_big_endian<std::uint64_t>(proposal.spi.data()));
        if (here == IkeSpi(0) || (spi && *spi != here)) return std::nullopt;
        spi = here;
        proposal.spi = {};
    }
    return spi;
}

SaPayload esp_offer(const EspTerms& terms, ByteView spi) {
    static constexpr std::array both{EsnId::yes, EsnId::no};
    std::span<const EsnId> esn(both);
    if (terms.esn == config::EsnPolicy::disable) esn = esn.last(1);
    if (terms.esn == config::EsnPolicy::require) esn = esn.first(1);
    const auto groups = terms.key_exchanges.value_or(std::span<const KeyExchangeMethod>{});
    SaPayload offer;
    for (const config::EspProposal& token : terms.proposals)
        offer.proposals.push_back(esp_proposal(
            static_cast<std::uint8_t>(offer.proposals.size() + 1), token, groups, esn, spi));
    return offer;
}

std::optional<EspChoice> choose_esp(const SaPayload& offer, const EspTerms& terms,
                                    KeyExchangeMethod peer_sent) {
    for (const config::EspProposal& token : terms.proposals)
        for (const Proposal& proposal : offer.proposals)
            if (auto choice = match_esp(proposal, token, terms, peer_sent)) return choice;
    return std::nullopt;
}

std::optional<EspChoice> accept_esp_answer(const SaPayload& answer, const EspTerms& terms) {
    if (!is_single_choice(answer)) return std::nullopt;
    return choose_esp(answer, terms);
}

SaPayload esp_answer(const EspChoice& choice, ByteView spi) {
    const config::EspProposal token{choice.suite.cipher, choice.suite.integrity};
    std::span<const KeyExchangeMethod> groups(&choice.suite.key_exchange, 1);
    if (choice.suite.key_exchange == KeyExchangeMethod::none) groups = {};
    SaPayload answer;
    answer.proposals.push_back(
        esp_proposal(choice.proposal_number, token, groups, std::span(&choice.suite.esn, 1), spi));
    return answer;
}

}  // namespace xfrmd::ike
