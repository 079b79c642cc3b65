#include "config/suite_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace xfrmd::config {

namespace {

using wire::EncryptionId;
using wire::IntegrityId;
using wire::KeyExchangeMethod;
using wire::PrfId;

struct CipherWord {
    std::string_view word;
    crypto::Cipher cipher;
    bool aead;
};

constexpr std::array cipher_words{
    CipherWord{"aes128", {EncryptionId::aes_cbc, 128}, false},
    CipherWord{"aes192", {EncryptionId::aes_cbc, 192}, false},
    CipherWord{"aes256", {EncryptionId::aes_cbc, 256}, false},
    CipherWord{"aes128gcm", {EncryptionId::aes_gcm_16, 128}, true},
    CipherWord{"aes256gcm", {EncryptionId::aes_gcm_16, 256}, true},
    CipherWord{"chacha20poly1305", {EncryptionId::chacha20_poly1305, 256}, true},
};

/// A hash is both the PRF and the integrity algorithm of a CBC token.
struct HashWord {
    std::string_view word;
    IntegrityId integrity;
    PrfId prf;
};

constexpr std::array hash_words{
    HashWord{"sha1", IntegrityId::hmac_sha1_96, PrfId::hmac_sha1},
    HashWord{"sha256", IntegrityId::hmac_sha2_256_128, PrfId::hmac_sha2_256},
    HashWord{"sha384", IntegrityId::hmac_sha2_384_192, PrfId::hmac_sha2_384},
    HashWord{"sha512", IntegrityId::hmac_sha2_512_256, PrfId::hmac_sha2_512},
};

constexpr std::string_view prf_prefix = "prf";

/// Words that FortiOS knows and we refuse, in either half of a token.
struct RefusedWord {
    std::string_view word;
    std::string_view reason;
};

constexpr std::array refused_words{
    RefusedWord{"des", "DES has keys of 56 bits, which are searched in hours"},
    RefusedWord{"3des", "3DES has blocks of 64 bits, which leak after some gigabytes (Sweet32)"},
    RefusedWord{"md5", "MD5 is broken as a hash and no longer allowed in IKEv2 (RFC 8247)"},
    RefusedWord{"aria128", "ARIA is not offered by Linux's ESP"},
    RefusedWord{"aria192", "ARIA is not offered by Linux's ESP"},
    RefusedWord{"aria256", "ARIA is not offered by Linux's ESP"},
    RefusedWord{"seed", "SEED is not offered by Linux's ESP"},
    RefusedWord{"sm4", "SM4 has no number in IKEv2's registry"},
    RefusedWord{"sm3", "SM3 has no number in IKEv2's registry"},
    RefusedWord{"null", "\"null\" leaves packets without encryption or without integrity"},
};

/// Groups that have a number in IKEv2's registry and that we refuse.
struct RefusedGroup {
    std::uint16_t number;
    std::string_view reason;
};

constexpr std::string_view weak_modp = "is a MODP group too small to resist a rich attacker";
constexpr std::string_view trapdoor = "has a small subgroup of unexplained origin (RFC 8247)";
constexpr std::string_view brainpool = "is a Brainpool curve, which xfrmd does not implement";
constexpr std::string_view ml_kem = "is ML-KEM, which cannot stand alone: FortiOS has it in addke1";

constexpr std::array refused_groups{
    RefusedGroup{1, weak_modp},  RefusedGroup{2, weak_modp},  RefusedGroup{5, weak_modp},
    RefusedGroup{22, trapdoor},  RefusedGroup{23, trapdoor},  RefusedGroup{24, trapdoor},
    RefusedGroup{27, brainpool}, RefusedGroup{28, brainpool}, RefusedGroup{29, brainpool},
    RefusedGroup{30, brainpool}, RefusedGroup{35, ml_kem},    RefusedGroup{36, ml_kem},
    RefusedGroup{37, ml_kem},
};

constexpr std::array accepted_groups{
    KeyExchangeMethod::modp_2048, KeyExchangeMethod::modp_3072, KeyExchangeMethod::modp_4096,
    KeyExchangeMethod::modp_6144, KeyExchangeMethod::modp_8192, KeyExchangeMethod::ecp_256,
    KeyExchangeMethod::ecp_384,   KeyExchangeMethod::ecp_521,   KeyExchangeMethod::curve25519,
    KeyExchangeMethod::curve448,
};

struct Halves {
    std::string_view cipher;
    std::string_view hash;
};

Halves split(std::string_view token) {
    const auto dash = token.find('-');
    if (dash == std::string_view::npos) return {token, {}};
    return {token.substr(0, dash), token.substr(dash + 1)};
}

const HashWord* find_hash(std::string_view word) {
    const auto found = std::ranges::find(hash_words, word, &HashWord::word);
    return found == hash_words.end() ? nullptr : &*found;
}

const CipherWord* find_cipher(std::string_view word) {
    const auto found = std::ranges::find(cipher_words, word, &CipherWord::word);
    return found == cipher_words.end() ? nullptr : &*found;
}

/// Why a token is refused whose halves FortiOS knows, or nothing.
std::optional<Complaint> refusal(std::string_view token, std::string_view instead) {
    const Halves halves = split(token);
    for (const std::string_view half : {halves.cipher, halves.hash}) {
        const auto refused = std::ranges::find(refused_words, half, &RefusedWord::word);
        if (refused != refused_words.end())
            return Complaint{std::string(refused->reason), fmt::format("use {}", instead)};
    }
    return std::nullopt;
}

Complaint unknown(std::string_view token, const std::vector<std::string>& known) {
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    std::string remedy = did_you_mean(token, candidates);
    if (remedy.empty()) remedy = fmt::format("known are {}", fmt::join(known, " "));
    return {"not the name of a proposal", std::move(remedy)};
}

}  // namespace

std::expected<IkeProposal, Complaint> parse_ike_token(std::string_view token) {
    const auto [cipher_word, hash_word] = split(token);
    const CipherWord* cipher = find_cipher(cipher_word);
    if (cipher != nullptr && !cipher->aead) {
        if (const HashWord* hash = find_hash(hash_word))
            return IkeProposal{cipher->cipher, hash->integrity, hash->prf};
    }
    if (cipher != nullptr && cipher->aead) {
        const bool has_prf = hash_word.starts_with(prf_prefix);
        const HashWord* hash = has_prf ? find_hash(hash_word.substr(prf_prefix.size())) : nullptr;
        if (hash != nullptr) return IkeProposal{cipher->cipher, IntegrityId::none, hash->prf};
        if (hash_word.empty())
            return std::unexpected(
                Complaint{fmt::format("{} names no pseudorandom function, which a phase 1 needs",
                                      cipher_word),
                          fmt::format("use {}-prfsha256", cipher_word)});
    }
    if (auto refused = refusal(token, "aes256-sha256")) return std::unexpected(*refused);
    return std::unexpected(unknown(token, ike_tokens()));
}

std::expected<EspProposal, Complaint> parse_esp_token(std::string_view token) {
    const auto [cipher_word, hash_word] = split(token);
    const CipherWord* cipher = find_cipher(cipher_word);
    if (cipher != nullptr && cipher->aead && hash_word.empty() && token == cipher->word)
        return EspProposal{cipher->cipher, IntegrityId::none};
    if (cipher != nullptr && !cipher->aead) {
        if (const HashWord* hash = find_hash(hash_word))
            return EspProposal{cipher->cipher, hash->integrity};
    }
    if (cipher != nullptr && cipher->aead && hash_word.starts_with(prf_prefix))
        return std::unexpected(Complaint{"a phase 2 has no pseudorandom function of its own",
                                         fmt::format("use {}", cipher->word)});
    if (auto refused = refusal(token, "aes256-sha256")) return std::unexpected(*refused);
    return std::unexpected(unknown(token, esp_tokens()));
}

std::expected<KeyExchangeMethod, Complaint> parse_group(std::uint64_t number) {
    const auto accepted = std::ranges::find_if(accepted_groups, [&](KeyExchangeMethod method) {
        return static_cast<std::uint16_t>(method) == number;
    });
    if (accepted != accepted_groups.end()) return *accepted;
    const auto refused = std::ranges::find_if(
        refused_groups, [&](const RefusedGroup& group) { return group.number == number; });
    if (refused != refused_groups.end())
        return std::unexpected(Complaint{fmt::format("group {} {}", number, refused->reason),
                                         "use 14 to 21, 31 or 32"});
    return std::unexpected(
        Complaint{"not the number of a Diffie-Hellman group", "use 14 to 21, 31 or 32"});
}

std::string to_token(const IkeProposal& proposal) {
    for (const CipherWord& cipher : cipher_words) {
        if (cipher.cipher != proposal.cipher) continue;
        for (const HashWord& hash : hash_words) {
            if (hash.prf != proposal.prf) continue;
            return fmt::format("{}-{}{}", cipher.word, cipher.aead ? prf_prefix : "", hash.word);
        }
    }
    return {};
}

std::string to_token(const EspProposal& proposal) {
    for (const CipherWord& cipher : cipher_words) {
        if (cipher.cipher != proposal.cipher) continue;
        if (cipher.aead) return std::string(cipher.word);
        for (const HashWord& hash : hash_words)
            if (hash.integrity == proposal.integrity)
                return fmt::format("{}-{}", cipher.word, hash.word);
    }
    return {};
}

std::vector<std::string> ike_tokens() {
    std::vector<std::string> tokens;
    for (const CipherWord& cipher : cipher_words)
        for (const HashWord& hash : hash_words)
            tokens.push_back(
                fmt::format("{}-{}{}", cipher.word, cipher.aead ? prf_prefix : "", hash.word));
    return tokens;
}

std::vector<std::string> esp_tokens() {
    std::vector<std::string> tokens;
    for (const CipherWord& cipher : cipher_words) {
        if (cipher.aead) {
            tokens.emplace_back(cipher.word);
            continue;
        }
        for (const HashWord& hash : hash_words)
            tokens.push_back(fmt::format("{}-{}", cipher.word, hash.word));
    }
    return tokens;
}

std::span<const KeyExchangeMethod> groups() {
    return accepted_groups;
}

}  // namespace xfrmd::config
