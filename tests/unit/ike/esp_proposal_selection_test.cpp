// RFC 7296 sections 2.7 and 3.3: ESP's proposals.
#include <array>

#include "ike/proposal_selection.hpp"
#include "support/catch.hpp"
#include "unit/ike/proposal_samples.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;
using config::EsnPolicy;
using wire::EsnId;
using wire::SaPayload;

namespace {

constexpr std::array<std::uint8_t, 4> spi{0xc0, 0xff, 0xee, 0x01};
const std::vector<config::EspProposal> gcm{
    {{wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none}};
const std::vector<config::EspProposal> cbc{
    {{wire::EncryptionId::aes_cbc, 256}, wire::IntegrityId::hmac_sha2_256_128}};

SaPayload one_esp_proposal(std::vector<wire::Transform> transforms, ByteView with_spi = spi) {
    SaPayload payload;
    payload.proposals.push_back({1, wire::ProtocolId::esp, with_spi, std::move(transforms)});
    return payload;
}

}  // namespace

TEST_CASE("esp offer: AEAD and CBC apart, each with the SPI; ESN as the policy says") {
    const std::vector both{gcm[0], cbc[0]};
    const SaPayload offer = esp_offer({both, EsnPolicy::allow}, spi);
    REQUIRE(offer.proposals.size() == 2);
    CHECK(offer.proposals[0].transforms == std::vector{aes_gcm(128), esn_yes, esn_no});
    CHECK(offer.proposals[1].transforms == std::vector{aes_cbc(256), hmac_sha256, esn_yes, esn_no});
    CHECK(equal_bytes(offer.proposals[1].spi, spi));
    CHECK(esp_offer({gcm, EsnPolicy::require}, spi).proposals[0].transforms.back() == esn_yes);
    CHECK(esp_offer({gcm, EsnPolicy::disable}, spi).proposals[0].transforms ==
          std::vector{aes_gcm(128), esn_no});
}

TEST_CASE("esp choice: every pair of ESN policies") {
    const auto agree = [](EsnPolicy theirs, EsnPolicy ours) -> std::optional<EsnId> {
        const auto choice = choose_esp(esp_offer({gcm, theirs}, spi), {gcm, ours});
        if (!choice) return std::nullopt;
        return choice->suite.esn;
    };
    using enum EsnPolicy;
    CHECK(agree(disable, disable) == EsnId::no);
    CHECK(agree(disable, allow) == EsnId::no);
    CHECK_FALSE(agree(disable, require));
    CHECK(agree(allow, disable) == EsnId::no);
    CHECK(agree(allow, allow) == EsnId::yes);
    CHECK(agree(allow, require) == EsnId::yes);
    CHECK_FALSE(agree(require, disable));
    CHECK(agree(require, allow) == EsnId::yes);
    CHECK(agree(require, require) == EsnId::yes);
}

TEST_CASE("esp choice: a proposal without the ESN transform stands for none") {
    const SaPayload offer = one_esp_proposal({aes_gcm(128)});
    CHECK(choose_esp(offer, {gcm, EsnPolicy::allow})->suite.esn == EsnId::no);
    CHECK_FALSE(choose_esp(offer, {gcm, EsnPolicy::require}));
}

// IKE_AUTH has no KE payload (section 1.2): a group there is meant for later rekeys.
TEST_CASE("esp choice: a group in IKE_AUTH is passed over, and not answered") {
    const SaPayload offer = one_esp_proposal({aes_gcm(128), group(modp_2048), esn_no});
    const auto choice = choose_esp(offer, {gcm, EsnPolicy::allow});
    REQUIRE(choice);
    CHECK(choice->suite.key_exchange == wire::KeyExchangeMethod::none);
    CHECK(esp_answer(*choice, spi).proposals[0].transforms == std::vector{aes_gcm(128), esn_no});
}

TEST_CASE("esp choice: the peer's SPI is read; reserved ones and other sizes are refused") {
    const auto choose = [](ByteView with_spi) {
        return choose_esp(one_esp_proposal({aes_gcm(128), esn_no}, with_spi),
                          {gcm, EsnPolicy::allow});
    };
    CHECK(choose(spi)->peer_spi == EspSpi(0xc0ffee01));
    CHECK(choose(std::array<std::uint8_t, 4>{0, 0, 1, 0})->peer_spi == EspSpi(256));
    CHECK_FALSE(choose(std::array<std::uint8_t, 4>{0, 0, 0, 255}));
    CHECK_FALSE(choose(std::array<std::uint8_t, 4>{0, 0, 0, 0}));
    CHECK_FALSE(choose({}));
    CHECK_FALSE(choose(std::array<std::uint8_t, 8>{0xc0, 0xff, 0xee, 1, 2, 3, 4, 5}));
}

TEST_CASE("esp choice: CBC needs its integrity, AEAD none, unknown types refuse") {
    const auto choose = [](std::vector<wire::Transform> transforms,
                           const std::vector<config::EspProposal>& tokens) {
        return choose_esp(one_esp_proposal(std::move(transforms)), {tokens, EsnPolicy::allow})
            .has_value();
    };
    CHECK(choose({aes_cbc(256), hmac_sha256, esn_no}, cbc));
    CHECK_FALSE(choose({aes_cbc(256), esn_no}, cbc));
    CHECK_FALSE(choose({aes_gcm(128), hmac_sha256, esn_no}, gcm));
    CHECK(choose({aes_gcm(128), no_integrity, esn_no}, gcm));
    CHECK_FALSE(choose({aes_gcm(128), esn_no, {wire::TransformType(6), 35, std::nullopt}}, gcm));
}

TEST_CASE("esp answer: one proposal, one transform of each type, out of what was offered") {
    const EspTerms terms{gcm, EsnPolicy::allow};
    const auto choice = choose_esp(esp_offer(terms, spi), terms);
    REQUIRE(choice);
    const SaPayload answer = esp_answer(*choice, spi);
    CHECK(answer.proposals[0].transforms == std::vector{aes_gcm(128), esn_yes});
    CHECK(accept_esp_answer(answer, terms));
    CHECK_FALSE(accept_esp_answer(answer, {gcm, EsnPolicy::disable}));
    CHECK_FALSE(accept_esp_answer(answer, {cbc, EsnPolicy::allow}));
    CHECK_FALSE(accept_esp_answer(one_esp_proposal({aes_gcm(128), esn_yes, esn_no}), terms));
    SaPayload two = answer;
    two.proposals.push_back(two.proposals.front());
    CHECK_FALSE(accept_esp_answer(two, terms));
    CHECK_FALSE(accept_esp_answer({}, terms));
}
