#include "crypto/xdh.hpp"

#include "exchange.hpp"
#include "vectors/rfc_7748.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using namespace xfrmd::test;
using wire::KeyExchangeMethod;

TEST_CASE("XDH: the products of RFC 7748 section 5.2") {
    const Library library;
    for (const vectors::XdhProduct& vector : vectors::rfc_7748_products) {
        INFO("group " << static_cast<int>(vector.method));
        const KeyExchange exchange = scripted(library, vector.method, vector.scalar);
        CHECK(secret_hex(exchange, hex_octets(vector.u)) == vector.result);
    }
}

TEST_CASE("XDH: the exchanges of RFC 7748 section 6") {
    const Library library;
    for (const vectors::XdhExchange& vector : vectors::rfc_7748_exchanges) {
        INFO("group " << static_cast<int>(vector.method));
        check_published(library, vector);
    }
}

// RFC 8031 section 3.2 by way of RFC 7748 section 6.1: the all-zero secret must be refused.
TEST_CASE("X25519: all points of small order are refused") {
    const Library library;
    const KeyExchange exchange = seeded(library, KeyExchangeMethod::curve25519, 1);
    for (const char* point : {
             "0000000000000000000000000000000000000000000000000000000000000000",  // 0
             "0100000000000000000000000000000000000000000000000000000000000000",  // 1
             "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",  // order 8
             "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",  // order 8
             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p - 1
             "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p
             "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p + 1
         }) {
        INFO(point);
        Bytes octets = hex_octets(point);
        CHECK(refuses(exchange, octets));
        // "implementations ... MUST mask the most significant bit" (RFC 7748 section 5)
        octets.back() |= 0x80;
        CHECK(refuses(exchange, octets));
    }
}

TEST_CASE("X448: all points of small order are refused") {
    const Library library;
    const KeyExchange exchange = seeded(library, KeyExchangeMethod::curve448, 1);
    const std::string low(56, 'f'), high(54, 'f');
    // p = 2^448 - 2^224 - 1, little-endian: 28 octets ff, then fe, then 27 octets ff.
    for (const std::string& point : {
             std::string(112, '0'),                      // 0
             "01" + std::string(110, '0'),               // 1
             "fe" + std::string(54, 'f') + "fe" + high,  // p - 1
             low + "fe" + high,                          // p
             std::string(56, '0') + "ff" + high,         // p + 1
         }) {
        INFO(point);
        CHECK(refuses(exchange, hex_octets(point)));
    }
}

TEST_CASE("XDH: bits that RFC 7748 clamps do not matter") {
    const Library library;
    const std::string middle(60, '7');
    const auto plain = scripted(library, KeyExchangeMethod::curve25519, "08" + middle + "47");
    const auto clamped = scripted(library, KeyExchangeMethod::curve25519, "0f" + middle + "87");
    CHECK(equal_bytes(plain.public_value(), clamped.public_value()));
}
