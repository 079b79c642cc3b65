#include "crypto/key_exchange.hpp"

#include <array>

#include "exchange.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using namespace xfrmd::test;
using wire::KeyExchangeMethod;

namespace {

constexpr std::array methods{
    KeyExchangeMethod::modp_2048, KeyExchangeMethod::modp_3072, KeyExchangeMethod::modp_4096,
    KeyExchangeMethod::modp_6144, KeyExchangeMethod::modp_8192, KeyExchangeMethod::ecp_256,
    KeyExchangeMethod::ecp_384,   KeyExchangeMethod::ecp_521,   KeyExchangeMethod::curve25519,
    KeyExchangeMethod::curve448,
};

}  // namespace

TEST_CASE("KeyExchange: two ends agree, in every group") {
    const Library library;
    for (KeyExchangeMethod method : methods) {
        INFO("group " << static_cast<int>(method));
        const KeyExchange initiator = seeded(library, method, 1);
        const KeyExchange responder = seeded(library, method, 2);
        CHECK(initiator.method() == method);
        CHECK(initiator.public_value().size() == public_value_size(method));
        CHECK_FALSE(equal_bytes(initiator.public_value(), responder.public_value()));
        CHECK(secret_hex(initiator, responder.public_value()) ==
              secret_hex(responder, initiator.public_value()));
    }
}

TEST_CASE("KeyExchange: equal octets make equal keys, in every group") {
    const Library library;
    for (KeyExchangeMethod method : methods) {
        INFO("group " << static_cast<int>(method));
        const KeyExchange first = seeded(library, method, 42);
        const KeyExchange second = seeded(library, method, 42);
        CHECK(equal_bytes(first.public_value(), second.public_value()));
    }
}

// "implementations MUST check the validity of the received public value" (RFC 6989 section 2).
TEST_CASE("A19 KeyExchange: what is no public value shows before one of ours is made") {
    const Library library;
    for (KeyExchangeMethod method : methods) {
        INFO("group " << static_cast<int>(method));
        Bytes value = to_bytes(seeded(library, method, 2).public_value());
        CHECK(may_be_public_value(library, method, value));
        CHECK_FALSE(may_be_public_value(library, method, ByteView(value).first(value.size() - 1)));
        CHECK_FALSE(may_be_public_value(library, method, {}));
        const bool xdh =
            method == KeyExchangeMethod::curve25519 || method == KeyExchangeMethod::curve448;
        CHECK(may_be_public_value(library, method, Bytes(value.size(), 0)) == xdh);
        CHECK(may_be_public_value(library, method, Bytes(value.size(), 0xff)) == xdh);
        value.push_back(0);
        CHECK_FALSE(may_be_public_value(library, method, value));
    }
    CHECK_FALSE(may_be_public_value(library, KeyExchangeMethod::modp_1024, Bytes(128, 2)));
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("KeyExchange: refuses public values of a wrong size, in every group") {
    const Library library;
    for (KeyExchangeMethod method : methods) {
        INFO("group " << static_cast<int>(method));
        const KeyExchange exchange = seeded(library, method, 1);
        Bytes value = to_bytes(seeded(library, method, 2).public_value());
        value.push_back(0);
        CHECK(refuses(exchange, value));
        CHECK(refuses(exchange, ByteView(value).first(value.size() - 2)));
        CHECK(refuses(exchange, ByteView(value).first(1)));
        CHECK(refuses(exchange, {}));
        // With a leading octet, as in SEC 1's point format or a signed number.
        value.pop_back();
        value.insert(value.begin(), 4);
        CHECK(refuses(exchange, value));
    }
}

TEST_CASE("KeyExchange: says which groups it does not have") {
    const Library library;
    SeededRandom random(1);
    for (KeyExchangeMethod method : {KeyExchangeMethod::none, KeyExchangeMethod::modp_1024,
                                     KeyExchangeMethod::ml_kem_768, KeyExchangeMethod{4711}}) {
        CHECK(public_value_size(method) == 0);
        const auto exchange = KeyExchange::generate(library, method, random);
        REQUIRE_FALSE(exchange);
        CHECK(exchange.error() == CryptoError::unsupported);
    }
}

TEST_CASE("KeyExchange: can be used again after it was moved, and after a refusal") {
    const Library library;
    const KeyExchange peer = seeded(library, KeyExchangeMethod::ecp_256, 2);
    KeyExchange first = seeded(library, KeyExchangeMethod::ecp_256, 1);
    const std::string expected = secret_hex(first, peer.public_value());
    KeyExchange moved = std::move(first);
    CHECK(refuses(moved, Bytes(64, 0xff)));
    CHECK(secret_hex(moved, peer.public_value()) == expected);
    CHECK(secret_hex(moved, peer.public_value()) == expected);
}
