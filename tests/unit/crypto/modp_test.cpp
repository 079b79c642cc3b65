#include "crypto/modp.hpp"

#include "exchange.hpp"
#include "vectors/rfc_3526.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using namespace xfrmd::test;
using wire::KeyExchangeMethod;

namespace {

/// The number plus `by`, as long as before. The primes end with ff ... ff, so that small steps stay
/// in the last octet, upwards with one carry.
Bytes moved_by(Bytes number, int by) {
    for (std::size_t i = number.size(); i-- > 0;) {
        const int sum = number[i] + by;
        number[i] = static_cast<std::uint8_t>(sum & 0xff);
        by = sum < 0 ? -1 : sum >> 8;
        if (by == 0) break;
    }
    return number;
}

/// The same exchange by EVP_PKEY: generate there, and derive from our value.
std::string derived_by_evp(const char* group, const KeyExchange& ours, Bytes& their_public) {
    const openssl::KeyContext maker(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(group), 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY* made = nullptr;
    REQUIRE(EVP_PKEY_keygen_init(maker.get()) == 1);
    REQUIRE(EVP_PKEY_CTX_set_params(maker.get(), params) == 1);
    REQUIRE(EVP_PKEY_generate(maker.get(), &made) == 1);
    const openssl::Key key(made);

    BIGNUM* number = nullptr;
    REQUIRE(EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, &number) == 1);
    const openssl::Number public_number(number);
    their_public.resize(ours.public_value().size());
    REQUIRE(BN_bn2binpad(number, their_public.data(), static_cast<int>(their_public.size())) > 0);

    EVP_PKEY* peer_made = EVP_PKEY_new();
    const openssl::Key peer(peer_made);
    REQUIRE(EVP_PKEY_copy_parameters(peer_made, key.get()) == 1);
    REQUIRE(EVP_PKEY_set1_encoded_public_key(peer_made, ours.public_value().data(),
                                             ours.public_value().size()) == 1);
    const openssl::KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    unsigned int pad = 1;
    const OSSL_PARAM padded[] = {OSSL_PARAM_construct_uint(OSSL_EXCHANGE_PARAM_PAD, &pad),
                                 OSSL_PARAM_construct_end()};
    REQUIRE(EVP_PKEY_derive_init_ex(context.get(), padded) == 1);
    REQUIRE(EVP_PKEY_derive_set_peer_ex(context.get(), peer.get(), 0) == 1);
    Bytes secret(their_public.size());
    std::size_t size = secret.size();
    REQUIRE(EVP_PKEY_derive(context.get(), secret.data(), &size) == 1);
    CHECK(size == secret.size());
    return to_hex(secret);
}

}  // namespace

TEST_CASE("MODP: powers in group 14 are those that Python computes") {
    const Library library;
    const auto& powers = vectors::modp_2048_powers;
    const auto initiator = scripted(library, KeyExchangeMethod::modp_2048, powers.exponent_i);
    const auto responder = scripted(library, KeyExchangeMethod::modp_2048, powers.exponent_r);
    CHECK(to_hex(initiator.public_value()) == powers.public_i);
    CHECK(to_hex(responder.public_value()) == powers.public_r);
    CHECK(secret_hex(initiator, responder.public_value()) == powers.shared);
    CHECK(secret_hex(responder, initiator.public_value()) == powers.shared);
}

TEST_CASE("MODP: 0, 1, p - 1, p, p + 1 are refused, 2 and p - 2 are not") {
    const Library library;
    for (const vectors::ModpPrime& group : vectors::rfc_3526_primes) {
        INFO("group " << static_cast<int>(group.method));
        const KeyExchange exchange = seeded(library, group.method, 1);
        const Bytes prime = hex_octets(group.prime);
        REQUIRE(prime.size() == public_value_size(group.method));
        const Bytes zero(prime.size(), 0);

        CHECK(refuses(exchange, zero));
        CHECK(refuses(exchange, moved_by(zero, 1)));
        CHECK(refuses(exchange, moved_by(prime, -1)));
        CHECK(refuses(exchange, prime));
        CHECK(refuses(exchange, moved_by(prime, 1)));
        CHECK(refuses(exchange, Bytes(prime.size(), 0xff)));
        // 2^x is our own public value, and (-2)^x the same or p minus it.
        CHECK(secret_hex(exchange, moved_by(zero, 2)) == to_hex(exchange.public_value()));
        CHECK(exchange.shared_secret(moved_by(prime, -2)).has_value());
    }
}

TEST_CASE("MODP: agrees with OpenSSL's own groups") {
    const Library library;
    const struct {
        KeyExchangeMethod method;
        const char* name;
    } groups[] = {{KeyExchangeMethod::modp_2048, "modp_2048"},
                  {KeyExchangeMethod::modp_3072, "modp_3072"},
                  {KeyExchangeMethod::modp_4096, "modp_4096"}};
    for (const auto& group : groups) {
        INFO(group.name);
        const KeyExchange ours = seeded(library, group.method, 7);
        Bytes their_public;
        const std::string theirs = derived_by_evp(group.name, ours, their_public);
        CHECK(secret_hex(ours, their_public) == theirs);
    }
}

TEST_CASE("MODP: a small power is padded to the size of the group") {
    const ModpGroup group = ModpGroup::load(KeyExchangeMethod::modp_2048).value();
    const openssl::Number three(BN_new());
    REQUIRE(BN_set_word(three.get(), 3) == 1);
    Bytes eight(256, 0);
    eight.back() = 8;
    CHECK(equal_bytes(group.power(group.generator(), *three).value().view(), eight));
}

TEST_CASE("MODP: the exponent has its full length whatever was drawn") {
    const Library library;
    const auto zeros = scripted(library, KeyExchangeMethod::modp_2048, std::string(64, '0'));
    const auto top_bit =
        scripted(library, KeyExchangeMethod::modp_2048, "80" + std::string(62, '0'));
    CHECK(equal_bytes(zeros.public_value(), top_bit.public_value()));
}
