#include "config/suite_token.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using wire::EncryptionId;
using wire::IntegrityId;
using wire::KeyExchangeMethod;
using wire::PrfId;
using Numbers = std::vector<std::uint64_t>;

TEST_CASE("suite tokens: a phase 1 takes every CBC and AEAD word of FortiOS") {
    CHECK(ike_tokens().size() == 24);
    for (const std::string& token : ike_tokens()) {
        INFO(token);
        const auto proposal = parse_ike_token(token);
        REQUIRE(proposal);
        CHECK(to_token(*proposal) == token);
    }
    CHECK(*parse_ike_token("aes192-sha384") == IkeProposal{{EncryptionId::aes_cbc, 192},
                                                           IntegrityId::hmac_sha2_384_192,
                                                           PrfId::hmac_sha2_384});
    CHECK(*parse_ike_token("aes128gcm-prfsha256") ==
          IkeProposal{{EncryptionId::aes_gcm_16, 128}, IntegrityId::none, PrfId::hmac_sha2_256});
    CHECK(*parse_ike_token("chacha20poly1305-prfsha512") ==
          IkeProposal{
              {EncryptionId::chacha20_poly1305, 256}, IntegrityId::none, PrfId::hmac_sha2_512});
}

TEST_CASE("suite tokens: a phase 2 takes the same without a prf") {
    CHECK(esp_tokens().size() == 15);
    for (const std::string& token : esp_tokens()) {
        INFO(token);
        const auto proposal = parse_esp_token(token);
        REQUIRE(proposal);
        CHECK(to_token(*proposal) == token);
    }
    CHECK(*parse_esp_token("aes256-sha1") ==
          EspProposal{{EncryptionId::aes_cbc, 256}, IntegrityId::hmac_sha1_96});
    CHECK(*parse_esp_token("aes256gcm") ==
          EspProposal{{EncryptionId::aes_gcm_16, 256}, IntegrityId::none});
}

TEST_CASE("suite tokens: what FortiOS has and we refuse is refused by name") {
    struct Case {
        const char* token;
        const char* word;
    };
    for (const Case& example :
         {Case{"des-sha1", "DES"}, Case{"3des-sha256", "3DES"}, Case{"aes128-md5", "MD5"},
          Case{"aria128-sha256", "ARIA"}, Case{"aria256-sha512", "ARIA"}, Case{"seed-sha1", "SEED"},
          Case{"sm4-sm3", "SM4"}, Case{"null-sha256", "null"}, Case{"null-null", "null"},
          Case{"aes128-null", "null"}}) {
        INFO(example.token);
        const auto in_phase2 = parse_esp_token(example.token);
        REQUIRE_FALSE(in_phase2);
        CHECK(in_phase2.error().message.contains(example.word));
        CHECK(in_phase2.error().remedy == "use aes256-sha256");
        const auto in_phase1 = parse_ike_token(example.token);
        REQUIRE_FALSE(in_phase1);
        CHECK(in_phase1.error().message.contains(example.word));
    }
}

TEST_CASE("suite tokens: the word of the other phase gets the right one") {
    CHECK(parse_ike_token("aes128gcm").error().remedy == "use aes128gcm-prfsha256");
    CHECK(parse_esp_token("aes128gcm-prfsha256").error().remedy == "use aes128gcm");
}

TEST_CASE("suite tokens: other words are unknown, near ones are hinted at") {
    for (const char* token :
         {"", "-", "aes", "aes128", "aes128-", "-sha256", "aes512-sha256", "AES128-SHA256",
          "aes128-prfsha256", "aes128gcm-sha256", "aes128-sha256-", " aes128-sha256"}) {
        INFO(token);
        CHECK_FALSE(parse_ike_token(token));
    }
    for (const char* token : {"aes128gcm-", "aes128gcm-x", "aes128", "sha256", "aes192gcm"})
        CHECK_FALSE(parse_esp_token(token));
    CHECK(parse_ike_token("aes128-sha265").error().remedy.contains("did you mean \"aes128-sha2"));
    CHECK(parse_esp_token("aes256gmc").error().remedy == "did you mean \"aes256gcm\"?");
}

TEST_CASE("dhgrp: 14 to 21, 31 and 32 are taken") {
    for (const std::uint64_t number : Numbers{14, 15, 16, 17, 18, 19, 20, 21, 31, 32})
        CHECK(static_cast<std::uint64_t>(*parse_group(number)) == number);
    CHECK(groups().size() == 10);
}

TEST_CASE("dhgrp: the others of the registry are refused with their reason") {
    for (const std::uint64_t number : Numbers{1, 2, 5}) {
        REQUIRE_FALSE(parse_group(number));
        CHECK(parse_group(number).error().message.contains("too small"));
    }
    for (const std::uint64_t number : Numbers{27, 28, 29, 30})
        CHECK(parse_group(number).error().message.contains("Brainpool"));
    for (const std::uint64_t number : Numbers{22, 23, 24})
        CHECK(parse_group(number).error().message.contains("subgroup"));
    for (const std::uint64_t number : Numbers{35, 36, 37})
        CHECK(parse_group(number).error().message.contains("ML-KEM"));
    for (const std::uint64_t number : Numbers{0ULL, 3ULL, 13ULL, 33ULL, 65550ULL, ~0ULL})
        CHECK(parse_group(number).error().message.contains("not the number"));
}
