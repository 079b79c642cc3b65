#include "base/secret.hpp"

#include <type_traits>

#include "support/catch.hpp"

using namespace xfrmd;

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);

TEST_CASE("Secret: holds octets, clones by name only, moves away whole") {
    Secret key(as_bytes("sesame"));
    Secret twin = key.clone();
    CHECK(Secret::equal(key.view(), twin.view()));
    Secret moved = std::move(key);
    CHECK(as_text(moved.view()) == "sesame");
    CHECK(twin.size() == 6);
}

TEST_CASE("Secret: equal tells octets and sizes apart") {
    CHECK(Secret::equal(as_bytes(""), as_bytes("")));
    CHECK_FALSE(Secret::equal(as_bytes("a"), as_bytes("b")));
    CHECK_FALSE(Secret::equal(as_bytes("a"), as_bytes("aa")));
}

TEST_CASE("wipe: leaves zeros") {
    Bytes octets(33, 0xaa);
    wipe(octets);
    CHECK(octets == Bytes(33, 0));
}
