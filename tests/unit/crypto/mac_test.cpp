#include "crypto/mac.hpp"

#include "crypto/library_parts.hpp"
#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "vectors/hmac.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using test::hex_octets;

TEST_CASE("Mac: yields the published values, truncated where they are") {
    const Library library;
    for (const vectors::HmacCase& vector : vectors::hmac) {
        INFO(vector.source);
        Mac mac(*library.parts().mac(vector.prf), hex_octets(vector.key));
        mac.update(hex_octets(vector.data));
        Bytes result(vector.result.size() / 2);
        mac.finish(result);
        CHECK(to_hex(result) == vector.result);
    }
}

TEST_CASE("Mac: keeps its key from one computation to the next") {
    const Library library;
    Mac mac(*library.parts().mac(wire::PrfId::hmac_sha2_256), as_bytes("key"));
    Bytes first(32), second(32);
    mac.update(as_bytes("data"));
    mac.finish(first);
    mac.update(as_bytes("da"));
    mac.update({});
    mac.update(as_bytes("ta"));
    mac.finish(second);
    CHECK(first == second);
}

TEST_CASE("Library: forgets the keys of its contexts when told to") {
    const Library library;
    EVP_MAC_CTX& context = *library.parts().mac(wire::PrfId::hmac_sha2_256);
    {
        Mac mac(context, as_bytes("key"));
    }
    library.forget_keys();

    Bytes left(32), with_empty_key(32);
    std::size_t size = 0;
    REQUIRE(EVP_MAC_init(&context, nullptr, 0, nullptr) == 1);
    REQUIRE(EVP_MAC_final(&context, left.data(), &size, left.size()) == 1);
    Mac(context, {}).finish(with_empty_key);
    CHECK(left == with_empty_key);
}
