#include "ike/proposal_text.hpp"

#include "support/catch.hpp"
#include "unit/ike/proposal_samples.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;

TEST_CASE("proposal text: a peer's offer in IANA's names, proposals apart") {
    wire::SaPayload offer = ike_offer(phase1_of({gcm_token, cbc_token}, {curve25519}));
    const std::string text = describe(offer);
    CHECK(text.find("/128 PRF_HMAC_SHA2_256") != std::string::npos);
    CHECK(text.find("; ENCR_AES_CBC/256 ") != std::string::npos);
}

TEST_CASE("proposal text: what nobody knows is a number") {
    CHECK(describe(one_ike_proposal({{wire::TransformType(77), 5, std::nullopt}})).ends_with(" 5"));
}

TEST_CASE("proposal text: thousands of transforms stay one line") {
    const auto offer = one_ike_proposal(std::vector(255, aes_gcm(128)));
    CHECK(describe(offer).size() < 500);
    CHECK(describe(offer).ends_with(" ..."));
}

TEST_CASE("proposal text: configured ones in the configuration's words") {
    CHECK(describe(phase1_of({gcm_token}, {curve25519, modp_2048})).ends_with("(dhgrp 31 14)"));
    CHECK(describe(phase1_of({gcm_token}, {curve25519})).starts_with("aes128gcm-prfsha256"));
    CHECK(describe(std::span<const config::EspProposal>{}) == "nothing that the kernel can do");
}
