// RFC 7296 sections 2.7 and 3.3: IKE's proposals.
#include "ike/proposal_selection.hpp"

#include <array>

#include "support/catch.hpp"
#include "unit/ike/proposal_samples.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;
using wire::Proposal;
using wire::SaPayload;
using wire::TransformType;

TEST_CASE("ike offer: each token is a proposal of its own, numbered from 1, with all groups") {
    const SaPayload offer = ike_offer(phase1_of({gcm_token, cbc_token}, {curve25519, modp_2048}));
    REQUIRE(offer.proposals.size() == 2);
    CHECK(offer.proposals[0].number == 1);
    CHECK(offer.proposals[1].number == 2);
    CHECK(offer.proposals[0].transforms ==
          std::vector{aes_gcm(128), prf_sha256, group(curve25519), group(modp_2048)});
    CHECK(offer.proposals[1].transforms ==
          std::vector{aes_cbc(256), prf_sha256, hmac_sha256, group(curve25519), group(modp_2048)});
}

// "ENCR_CHACHA20_POLY1305 ... Key Length attribute MUST NOT be sent" (RFC 7634 section 2).
TEST_CASE("ike offer: a cipher of one key length has no Key Length attribute") {
    const SaPayload offer = ike_offer(phase1_of({chacha_token}, {curve25519}));
    CHECK(offer.proposals[0].transforms[0] == chacha);
}

TEST_CASE("ike choice: takes its own offer, for AEAD, CBC and ChaCha20") {
    for (const auto& token : {gcm_token, cbc_token, chacha_token}) {
        const auto phase1 = phase1_of({token}, {curve25519});
        const auto choice = choose_ike(ike_offer(phase1), phase1, curve25519);
        REQUIRE(choice);
        CHECK(choice->proposal_number == 1);
        CHECK(choice->suite == suite_of(token, curve25519));
    }
}

TEST_CASE("ike choice: the responder's order decides, the proposal keeps its number") {
    const SaPayload offer = ike_offer(phase1_of({gcm_token, cbc_token}, {curve25519}));
    const auto choice =
        choose_ike(offer, phase1_of({cbc_token, gcm_token}, {curve25519}), curve25519);
    REQUIRE(choice);
    CHECK(choice->proposal_number == 2);
    CHECK(choice->suite.cipher == cbc_token.cipher);
}

TEST_CASE("ike choice: no cipher, prf or group in common is nothing") {
    const auto ours = phase1_of({gcm_token}, {curve25519});
    CHECK_FALSE(choose_ike(ike_offer(phase1_of({cbc_token}, {curve25519})), ours, curve25519));
    CHECK_FALSE(choose_ike(ike_offer(phase1_of({gcm_token}, {modp_2048})), ours, modp_2048));
    config::IkeProposal other_prf = gcm_token;
    other_prf.prf = wire::PrfId::hmac_sha2_384;
    CHECK_FALSE(choose_ike(ike_offer(phase1_of({other_prf}, {curve25519})), ours, curve25519));
    CHECK_FALSE(choose_ike({}, ours, curve25519));
}

// "If the initiator wishes to propose both ... combined-mode and normal ciphers, it must include
//  two proposals" (section 3.3).
TEST_CASE("ike choice: AEAD with an integrity algorithm that is not NONE is refused") {
    const auto ours = phase1_of({gcm_token}, {curve25519});
    const auto choose = [&](std::vector<wire::Transform> transforms) {
        return choose_ike(one_ike_proposal(std::move(transforms)), ours, curve25519).has_value();
    };
    CHECK(choose({aes_gcm(128), prf_sha256, group(curve25519)}));
    CHECK(choose({aes_gcm(128), prf_sha256, no_integrity, group(curve25519)}));
    CHECK_FALSE(choose({aes_gcm(128), prf_sha256, hmac_sha256, group(curve25519)}));
}

TEST_CASE("ike choice: CBC without an integrity algorithm is refused") {
    const auto ours = phase1_of({cbc_token}, {curve25519});
    const SaPayload bare = one_ike_proposal({aes_cbc(256), prf_sha256, group(curve25519)});
    CHECK_FALSE(choose_ike(bare, ours, curve25519));
    const SaPayload none =
        one_ike_proposal({aes_cbc(256), prf_sha256, no_integrity, group(curve25519)});
    CHECK_FALSE(choose_ike(none, ours, curve25519));
}

// "If the responder ... receives a proposal that contains a Transform Type it does not understand,
//  ... the responder MUST consider this proposal unacceptable; however, other proposals in the same
//  SA payload are processed as usual" (section 3.3.6).
TEST_CASE("ike choice: an unknown transform type refuses its proposal and no other") {
    const auto ours = phase1_of({gcm_token}, {curve25519});
    const std::vector<wire::Transform> good{aes_gcm(128), prf_sha256, group(curve25519)};
    auto bad = good;
    bad.push_back({wire::TransformType(77), 1, std::nullopt});
    SaPayload offer = one_ike_proposal(bad);
    CHECK_FALSE(choose_ike(offer, ours, curve25519));
    offer.proposals.push_back({2, wire::ProtocolId::ike, {}, good});
    const auto choice = choose_ike(offer, ours, curve25519);
    REQUIRE(choice);
    CHECK(choice->proposal_number == 2);
}

// "If the responder receives a transform that it does not understand, or one that contains a
//  Transform Attribute that it does not understand, it MUST consider this transform unacceptable;
//  other transforms with the same Transform Type are processed as usual" (section 3.3.6).
TEST_CASE("ike choice: unknown transforms of known types are passed over") {
    const auto ours = phase1_of({gcm_token}, {curve25519});
    const SaPayload offer = one_ike_proposal({{TransformType::encryption, 999, 128},
                                              aes_gcm(256),
                                              aes_gcm(128),
                                              prf_sha256,
                                              {TransformType::key_exchange, 1030, std::nullopt},
                                              group(curve25519)});
    CHECK(choose_ike(offer, ours, curve25519));
}

TEST_CASE("ike choice: a transform with an unknown attribute is passed over") {
    const auto ours = phase1_of({gcm_token}, {curve25519});
    wire::Transform odd = aes_gcm(128);
    odd.unknown_attribute = true;
    CHECK_FALSE(
        choose_ike(one_ike_proposal({odd, prf_sha256, group(curve25519)}), ours, curve25519));
    CHECK(choose_ike(one_ike_proposal({odd, aes_gcm(128), prf_sha256, group(curve25519)}), ours,
                     curve25519));
}

// "The Key Length attribute ... MUST NOT be used with transforms that use a fixed-length key"; a
// cipher of several lengths must have it (section 3.3.5).
TEST_CASE("ike choice: key lengths must be there, right, and absent where there is only one") {
    const auto with = [](wire::Transform cipher, const config::IkeProposal& token) {
        return choose_ike(one_ike_proposal({cipher, prf_sha256, group(curve25519)}),
                          phase1_of({token}, {curve25519}), curve25519)
            .has_value();
    };
    CHECK(with(aes_gcm(128), gcm_token));
    CHECK_FALSE(with(aes_gcm(256), gcm_token));
    CHECK_FALSE(with({TransformType::encryption, aes_gcm(128).id, std::nullopt}, gcm_token));
    CHECK(with(chacha, chacha_token));
    CHECK_FALSE(with({TransformType::encryption, chacha.id, 256}, chacha_token));
}

TEST_CASE("ike choice: ESP's and AH's proposals, and those with an SPI, are not IKE's") {
    const auto ours = phase1_of({gcm_token}, {curve25519});
    SaPayload offer = one_ike_proposal({aes_gcm(128), prf_sha256, group(curve25519)});
    offer.proposals[0].protocol = wire::ProtocolId::esp;
    CHECK_FALSE(choose_ike(offer, ours, curve25519));
    offer.proposals[0].protocol = wire::ProtocolId::ike;
    static constexpr std::array<std::uint8_t, 8> spi{1, 2, 3, 4, 5, 6, 7, 8};
    offer.proposals[0].spi = spi;
    CHECK_FALSE(choose_ike(offer, ours, curve25519));
}

TEST_CASE("ike choice: the group of the peer's KE payload saves a round trip") {
    const SaPayload offer = ike_offer(phase1_of({gcm_token}, {modp_2048, curve25519}));
    const auto ours = phase1_of({gcm_token}, {curve25519, modp_2048});
    CHECK(choose_ike(offer, ours, modp_2048)->suite.key_exchange == modp_2048);
    CHECK(choose_ike(offer, ours, curve25519)->suite.key_exchange == curve25519);
}

TEST_CASE("ike choice: when the KE payload's group is not ours, the first of ours is asked for") {
    const SaPayload offer = ike_offer(phase1_of({gcm_token}, {ecp_384, modp_2048, curve25519}));
    const auto ours = phase1_of({gcm_token}, {curve25519, modp_2048});
    CHECK(choose_ike(offer, ours, ecp_384)->suite.key_exchange == curve25519);
}

TEST_CASE("ike choice: a KE payload of a group that its proposal lacks does not count") {
    const SaPayload offer = ike_offer(phase1_of({gcm_token}, {modp_2048}));
    const auto ours = phase1_of({gcm_token}, {curve25519, modp_2048});
    CHECK(choose_ike(offer, ours, curve25519)->suite.key_exchange == modp_2048);
}

TEST_CASE("ike answer: one proposal with the number of the offer, which the initiator takes") {
    const auto theirs = phase1_of({cbc_token, gcm_token}, {curve25519, modp_2048});
    const auto choice =
        choose_ike(ike_offer(theirs), phase1_of({gcm_token}, {modp_2048}), modp_2048);
    REQUIRE(choice);
    const SaPayload answer = ike_answer(*choice);
    REQUIRE(answer.proposals.size() == 1);
    CHECK(answer.proposals[0].number == 2);
    CHECK(answer.proposals[0].spi.empty());
    const auto accepted = accept_ike_answer(answer, theirs, modp_2048);
    REQUIRE(accepted);
    CHECK(accepted->suite == choice->suite);
}

// "The initiator ... MUST verify that the accepted offer is consistent with one of its proposals
//  and if not MUST terminate the exchange" (section 3.3.6).
TEST_CASE("ike answer: what was not offered is refused") {
    const auto ours = phase1_of({gcm_token}, {curve25519, modp_2048});
    const auto accept = [&](const SaPayload& answer) {
        return accept_ike_answer(answer, ours, curve25519).has_value();
    };
    CHECK(accept(one_ike_proposal({aes_gcm(128), prf_sha256, group(curve25519)})));
    CHECK_FALSE(accept(one_ike_proposal({aes_gcm(256), prf_sha256, group(curve25519)})));
    CHECK_FALSE(accept(one_ike_proposal({aes_gcm(128), prf_sha256, group(ecp_384)})));
    CHECK_FALSE(accept(one_ike_proposal({aes_gcm(128), prf_sha256, group(modp_2048)})));
    CHECK_FALSE(accept(one_ike_proposal({aes_gcm(128), prf_sha256})));
    CHECK_FALSE(accept({}));
}

TEST_CASE("ike answer: two proposals, or two transforms of a type, are no choice") {
    const auto ours = phase1_of({gcm_token}, {curve25519, modp_2048});
    SaPayload answer = one_ike_proposal({aes_gcm(128), prf_sha256, group(curve25519)});
    answer.proposals.push_back(answer.proposals.front());
    CHECK_FALSE(accept_ike_answer(answer, ours, curve25519));
    CHECK_FALSE(accept_ike_answer(
        one_ike_proposal({aes_gcm(128), prf_sha256, group(curve25519), group(modp_2048)}), ours,
        curve25519));
    CHECK_FALSE(accept_ike_answer(
        one_ike_proposal({aes_gcm(128), aes_gcm(128), prf_sha256, group(curve25519)}), ours,
        curve25519));
}
