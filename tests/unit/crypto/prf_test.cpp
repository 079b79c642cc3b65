#include "crypto/prf.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "vectors/hmac.hpp"
#include "vectors/nist_ikev2_kdf.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using test::hex_octets;
using test::operator""_hex;
using wire::PrfId;

TEST_CASE("Prf: yields the published HMAC values") {
    const Library library;
    for (const vectors::HmacCase& vector : vectors::hmac) {
        INFO(vector.source);
        const Secret result =
            Prf(library, vector.prf)(hex_octets(vector.key), {hex_octets(vector.data)});
        CHECK(result.size() == prf_output_size(vector.prf));
        CHECK(to_hex(result.view()).starts_with(vector.result));
    }
}

TEST_CASE("Prf: takes data in pieces") {
    const Library library;
    const Prf prf(library, PrfId::hmac_sha2_384);
    const Secret whole = prf(as_bytes("key"), {as_bytes("one two three")});
    const Secret pieces =
        prf(as_bytes("key"), {as_bytes("one "), {}, as_bytes("two "), as_bytes("three")});
    CHECK(Secret::equal(whole.view(), pieces.view()));
}

TEST_CASE("Prf: takes an empty key and empty data") {
    const Library library;
    // HMAC_SHA256("", ""), as Wikipedia's article "HMAC" gives it.
    CHECK(to_hex(Prf(library, PrfId::hmac_sha2_256)({}, {}).view()) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    CHECK(to_hex(Prf(library, PrfId::hmac_sha1)({}, {}).view()) ==
          "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

TEST_CASE("Prf: an empty key does not mean the key of before") {
    const Library library;
    const Prf prf(library, PrfId::hmac_sha2_256);
    const Secret before = prf(as_bytes("key"), {});
    CHECK_FALSE(Secret::equal(before.view(), prf({}, {}).view()));
}

TEST_CASE("prf+: yields NIST's key material, and each beginning of it") {
    const Library library;
    for (const vectors::NistIkev2Kdf& vector : vectors::nist_ikev2_kdf) {
        const Prf prf(library, vector.prf);
        const Bytes skeyseed = hex_octets(vector.skeyseed);
        const Bytes seed = hex_octets(std::string(vector.nonce_i) + std::string(vector.nonce_r) +
                                      std::string(vector.spi_i) + std::string(vector.spi_r));
        for (std::size_t length : {std::size_t{0}, std::size_t{1}, prf.output_size(),
                                   prf.output_size() + 1, vector.keymat.size() / 2}) {
            const Secret keymat = prf.plus(skeyseed, seed, length);
            CHECK(to_hex(keymat.view()) == vector.keymat.substr(0, 2 * length));
        }
    }
}

TEST_CASE("prf+: goes as far as its counter does") {
    const Library library;
    const Prf prf(library, PrfId::hmac_sha1);
    const Secret longest = prf.plus(as_bytes("key"), as_bytes("seed"), 255 * 20);
    // T255 = prf (K, T254 | S | 0xff)
    const Secret last =
        prf(as_bytes("key"), {longest.view().subspan(253 * 20, 20), as_bytes("seed"), "ff"_hex});
    CHECK(Secret::equal(longest.view().last(20), last.view()));
}
