// Transforms and tokens that the tests of proposals put together.
#pragma once

#include <vector>

#include "ike/proposal_selection.hpp"

namespace xfrmd::test {

inline constexpr auto curve25519 = wire::KeyExchangeMethod::curve25519;
inline constexpr auto modp_2048 = wire::KeyExchangeMethod::modp_2048;
inline constexpr auto ecp_384 = wire::KeyExchangeMethod::ecp_384;

inline const config::IkeProposal gcm_token{
    {wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none, wire::PrfId::hmac_sha2_256};
inline const config::IkeProposal cbc_token{{wire::EncryptionId::aes_cbc, 256},
                                           wire::IntegrityId::hmac_sha2_256_128,
                                           wire::PrfId::hmac_sha2_256};
inline const config::IkeProposal chacha_token{{wire::EncryptionId::chacha20_poly1305, 0},
                                              wire::IntegrityId::none,
                                              wire::PrfId::hmac_sha2_256};

inline wire::Transform aes_gcm(std::uint16_t bits) {
    return {wire::TransformType::encryption, 20, bits};
}
inline wire::Transform aes_cbc(std::uint16_t bits) {
    return {wire::TransformType::encryption, 12, bits};
}
inline const wire::Transform chacha{wire::TransformType::encryption, 28, std::nullopt};
inline const wire::Transform prf_sha256{wire::TransformType::prf, 5, std::nullopt};
inline const wire::Transform hmac_sha256{wire::TransformType::integrity, 12, std::nullopt};
inline const wire::Transform no_integrity{wire::TransformType::integrity, 0, std::nullopt};
inline const wire::Transform esn_yes{wire::TransformType::extended_sequence_numbers, 1,
                                     std::nullopt};
inline const wire::Transform esn_no{wire::TransformType::extended_sequence_numbers, 0,
                                    std::nullopt};
inline wire::Transform group(wire::KeyExchangeMethod method) {
    return {wire::TransformType::key_exchange, std::to_underlying(method), std::nullopt};
}

inline config::Phase1 phase1_of(std::vector<config::IkeProposal> tokens,
                                std::vector<wire::KeyExchangeMethod> groups) {
    config::Phase1 phase1;
    phase1.proposals = std::move(tokens);
    phase1.key_exchanges = std::move(groups);
    return phase1;
}

inline crypto::IkeSuite suite_of(const config::IkeProposal& token, wire::KeyExchangeMethod method) {
    return {token.cipher, token.integrity, token.prf, method};
}

inline wire::SaPayload one_ike_proposal(std::vector<wire::Transform> transforms) {
    wire::SaPayload payload;
    payload.proposals.push_back({1, wire::ProtocolId::ike, {}, std::move(transforms)});
    return payload;
}

}  // namespace xfrmd::test
