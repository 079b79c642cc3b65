#include "crypto/protection.hpp"

#include <openssl/err.h>

#include <array>

#include "crypto/prf.hpp"
#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "support/seeded_random.hpp"
#include "vectors/ciphers.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using namespace xfrmd::test;
using wire::EncryptionId;
using wire::IntegrityId;

namespace {

struct Algorithms {
    Cipher cipher;
    IntegrityId integrity;
};

constexpr std::array<Algorithms, 10> all_algorithms{{
    {{EncryptionId::aes_gcm_16, 128}, IntegrityId::none},
    {{EncryptionId::aes_gcm_16, 192}, IntegrityId::none},
    {{EncryptionId::aes_gcm_16, 256}, IntegrityId::none},
    {{EncryptionId::chacha20_poly1305, 256}, IntegrityId::none},
    {{EncryptionId::chacha20_poly1305, 0}, IntegrityId::none},
    {{EncryptionId::aes_cbc, 128}, IntegrityId::hmac_sha1_96},
    {{EncryptionId::aes_cbc, 192}, IntegrityId::hmac_sha2_384_192},
    {{EncryptionId::aes_cbc, 256}, IntegrityId::hmac_sha2_256_128},
    {{EncryptionId::aes_cbc, 256}, IntegrityId::hmac_sha2_512_256},
    {{EncryptionId::aes_cbc, 128}, IntegrityId::hmac_sha2_256_128},
}};

/// An IKE header and an SK payload's header.
constexpr std::size_t body_at = 32;

/// Algorithms, keys, and a message with a plaintext of `blocks` blocks, all made of one seed.
struct Sample {
    Sample(const Library& library, Algorithms algorithms, std::size_t blocks)
        : protection(library, algorithms.cipher, algorithms.integrity),
          encryption(cipher_key_size(algorithms.cipher)),
          integrity(integrity_key_size(algorithms.integrity)),
          message(body_at + protection.iv_size() + blocks * protection.block_size() +
                  protection.icv_size()) {
        SeededRandom random(blocks + 1);
        random.fill(encryption);
        random.fill(integrity);
        random.fill(message);
        plaintext = to_bytes(text());
    }

    MutableByteView text() {
        const std::size_t at = body_at + protection.iv_size();
        return MutableByteView(message).subspan(at, message.size() - at - protection.icv_size());
    }
    ProtectionKeys keys() const { return {encryption, integrity}; }

    Protection protection;
    Bytes encryption, integrity, message, plaintext;
};

bool fails_integrity(const Protection& protection, const ProtectionKeys& keys, Bytes message) {
    const auto opened = protection.open(keys, message, body_at);
    return !opened && opened.error() == CryptoError::integrity_failed && ERR_peek_error() == 0;
}

Bytes joined(std::initializer_list<std::string_view> parts, std::size_t room) {
    std::string all;
    for (std::string_view part : parts)
        all += part;
    Bytes octets = hex_octets(all);
    octets.resize(octets.size() + room);
    return octets;
}

}  // namespace

TEST_CASE("Protection: published AEAD messages are sealed and opened to the octet") {
    const Library library;
    for (const vectors::AeadCase& vector : vectors::aead) {
        INFO(vector.source);
        const Protection protection(library, {vector.cipher, vector.key_bits}, IntegrityId::none);
        const Bytes key = hex_octets(vector.key);
        const std::size_t at = vector.associated_data.size() / 2;
        Bytes message = joined({vector.associated_data, vector.iv, vector.plaintext}, 16);

        REQUIRE(protection.seal({key, {}}, message, at).has_value());
        CHECK(message ==
              joined({vector.associated_data, vector.iv, vector.ciphertext, vector.icv}, 0));
        const auto opened = protection.open({key, {}}, message, at);
        REQUIRE(opened.has_value());
        CHECK(to_hex(*opened) == vector.plaintext);
    }
}

TEST_CASE("Protection: published CBC texts are sealed and opened, the ICV covers all before it") {
    const Library library;
    const Bytes integrity_key(32, 0x0b);
    for (const vectors::CbcCase& vector : vectors::cbc) {
        INFO(vector.source);
        const Protection protection(library, {EncryptionId::aes_cbc, vector.key_bits},
                                    IntegrityId::hmac_sha2_256_128);
        const Bytes key = hex_octets(vector.key);
        Bytes message = joined({"0102030405060708", vector.iv, vector.plaintext}, 16);

        REQUIRE(protection.seal({key, integrity_key}, message, 8).has_value());
        const ByteView covered = ByteView(message).first(message.size() - 16);
        CHECK(to_hex(covered.subspan(24)) == vector.ciphertext);
        const Secret mac = Prf(library, wire::PrfId::hmac_sha2_256)(integrity_key, {covered});
        CHECK(equal_bytes(ByteView(message).last(16), mac.view().first(16)));

        const auto opened = protection.open({key, integrity_key}, message, 8);
        REQUIRE(opened.has_value());
        CHECK(to_hex(*opened) == vector.plaintext);
    }
}

TEST_CASE("Protection: what is sealed can be opened, for all algorithms and many sizes") {
    const Library library;
    for (const Algorithms& algorithms : all_algorithms) {
        for (std::size_t blocks : {1U, 2U, 3U, 15U, 16U, 17U, 80U, 4000U}) {
            Sample sample(library, algorithms, blocks);
            const Bytes before = sample.message;
            REQUIRE(sample.protection.seal(sample.keys(), sample.message, body_at).has_value());
            CHECK(std::equal(before.begin(), before.begin() + body_at, sample.message.begin()));
            CHECK_FALSE(equal_bytes(sample.text(), sample.plaintext));
            const auto opened = sample.protection.open(sample.keys(), sample.message, body_at);
            REQUIRE(opened.has_value());
            CHECK(equal_bytes(*opened, sample.plaintext));
            CHECK(opened->data() == sample.text().data());
        }
    }
}

TEST_CASE("Protection: each flipped bit anywhere fails the integrity check") {
    const Library library;
    for (const Algorithms& algorithms : all_algorithms) {
        Sample sample(library, algorithms, 2);
        REQUIRE(sample.protection.seal(sample.keys(), sample.message, body_at).has_value());
        std::size_t accepted = 0;
        for (std::size_t bit = 0; bit < 8 * sample.message.size(); ++bit) {
            Bytes message = sample.message;
            message[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            if (!fails_integrity(sample.protection, sample.keys(), message)) ++accepted;
        }
        CHECK(accepted == 0);
    }
}

TEST_CASE("Protection: each truncation fails the integrity check") {
    const Library library;
    for (const Algorithms& algorithms : all_algorithms) {
        Sample sample(library, algorithms, 2);
        REQUIRE(sample.protection.seal(sample.keys(), sample.message, body_at).has_value());
        for (std::size_t size = body_at; size < sample.message.size(); ++size) {
            const Bytes cut(sample.message.begin(),
                            sample.message.begin() + static_cast<std::ptrdiff_t>(size));
            CHECK(fails_integrity(sample.protection, sample.keys(), cut));
        }
        // Shorter than its own header: the caller's `body_at` lies outside.
        CHECK(fails_integrity(sample.protection, sample.keys(), Bytes(3)));
        CHECK(fails_integrity(sample.protection, sample.keys(), {}));
    }
}

TEST_CASE("Protection: other keys fail the integrity check") {
    const Library library;
    for (const Algorithms& algorithms : all_algorithms) {
        Sample sample(library, algorithms, 4);
        REQUIRE(sample.protection.seal(sample.keys(), sample.message, body_at).has_value());
        Sample other = sample;
        (is_aead(algorithms.cipher.id) ? other.encryption : other.integrity).back() ^= 1;
        CHECK(fails_integrity(sample.protection, other.keys(), sample.message));
    }
}

TEST_CASE("Protection: a failed AEAD message shows no plaintext") {
    const Library library;
    Sample sample(library, all_algorithms[0], 64);
    REQUIRE(sample.protection.seal(sample.keys(), sample.message, body_at).has_value());
    sample.message.back() ^= 1;
    REQUIRE_FALSE(sample.protection.open(sample.keys(), sample.message, body_at).has_value());
    CHECK(equal_bytes(sample.text(), Bytes(64, 0)));
}

TEST_CASE("Protection: a CBC text that is no whole number of blocks is refused, valid ICV or not") {
    const Library library;
    const Protection protection(library, {EncryptionId::aes_cbc, 128},
                                IntegrityId::hmac_sha2_256_128);
    const Bytes encryption(16, 1), integrity(32, 2);
    Bytes message(body_at + 16 + 17, 3);
    const Secret mac = Prf(library, wire::PrfId::hmac_sha2_256)(integrity, {message});
    message.insert(message.end(), mac.view().begin(), mac.view().begin() + 16);
    CHECK(fails_integrity(protection, {encryption, integrity}, message));
}

TEST_CASE("Protection: interleaved SAs do not disturb each other") {
    const Library library;
    Sample first(library, all_algorithms[0], 20);
    Sample second(library, all_algorithms[0], 33);
    REQUIRE(first.protection.seal(first.keys(), first.message, body_at).has_value());
    REQUIRE(second.protection.seal(second.keys(), second.message, body_at).has_value());
    CHECK(first.protection.open(first.keys(), first.message, body_at).has_value());
    CHECK(second.protection.open(second.keys(), second.message, body_at).has_value());
    CHECK(equal_bytes(first.text(), first.plaintext));
    CHECK(equal_bytes(second.text(), second.plaintext));
}

TEST_CASE("Protection: says which algorithms it does not have") {
    const Library library;
    Bytes message(100);
    for (const Algorithms& algorithms :
         {Algorithms{{EncryptionId::triple_des, 0}, IntegrityId::hmac_sha1_96},
          Algorithms{{EncryptionId::aes_ccm_16, 128}, IntegrityId::none},
          Algorithms{{EncryptionId::aes_cbc, 128}, IntegrityId::none}}) {
        const Protection protection(library, algorithms.cipher, algorithms.integrity);
        const auto sealed = protection.seal({}, message, body_at);
        const auto opened = protection.open({}, message, body_at);
        REQUIRE_FALSE(sealed);
        REQUIRE_FALSE(opened);
        CHECK(sealed.error() == CryptoError::unsupported);
        CHECK(opened.error() == CryptoError::unsupported);
    }
}

TEST_CASE("Protection: sizes are those of the RFCs") {
    const Library library;
    const Protection gcm(library, {EncryptionId::aes_gcm_16, 128}, IntegrityId::none);
    CHECK(gcm.iv_size() == 8);
    CHECK(gcm.icv_size() == 16);
    CHECK(gcm.block_size() == 1);
    const Protection cbc(library, {EncryptionId::aes_cbc, 128}, IntegrityId::hmac_sha1_96);
    CHECK(cbc.iv_size() == 16);
    CHECK(cbc.icv_size() == 12);
    CHECK(cbc.block_size() == 16);
}
