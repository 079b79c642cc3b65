#include "crypto/error.hpp"

#include <string>

#include "support/catch.hpp"

using namespace xfrmd::crypto;

TEST_CASE("CryptoError: each has a phrase of its own") {
    using enum CryptoError;
    CHECK(to_text(invalid_public_value) == std::string("the peer's public value is invalid"));
    CHECK(to_text(integrity_failed) == std::string("the integrity check failed"));
    CHECK(to_text(unsupported) == std::string("the algorithm is not available on this machine"));
    CHECK(to_text(library_failure) == std::string("the cryptographic library failed"));
}
