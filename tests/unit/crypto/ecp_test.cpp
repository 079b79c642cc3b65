#include "crypto/ecp.hpp"

#include "exchange.hpp"
#include "vectors/rfc_5903.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using namespace xfrmd::test;
using wire::KeyExchangeMethod;

namespace {

constexpr KeyExchangeMethod ecp_methods[] = {KeyExchangeMethod::ecp_256, KeyExchangeMethod::ecp_384,
                                             KeyExchangeMethod::ecp_521};

Bytes field_octets(const EcpGroup& group) {
    Bytes octets(group.coordinate_octets());
    BN_bn2binpad(&group.field(), octets.data(), static_cast<int>(octets.size()));
    return octets;
}

/// p as RFC 5903 section 3 gives it, so that the group is the one meant.
constexpr std::string_view p256 =
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
/// n, the order of the group.
constexpr std::string_view n256 =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

}  // namespace

TEST_CASE("ECP: the exchanges of RFC 5903 section 8") {
    const Library library;
    for (const vectors::EcpExchange& vector : vectors::rfc_5903) {
        INFO("group " << static_cast<int>(vector.method));
        check_published(library, vector);
    }
}

TEST_CASE("ECP: a point off the curve is refused") {
    const Library library;
    for (KeyExchangeMethod method : ecp_methods) {
        INFO("group " << static_cast<int>(method));
        const KeyExchange exchange = seeded(library, method, 1);
        const Bytes good = to_bytes(seeded(library, method, 2).public_value());
        REQUIRE(exchange.shared_secret(good).has_value());
        for (std::size_t at : {std::size_t{1}, good.size() / 2 - 1, good.size() - 1}) {
            Bytes bad = good;
            bad[at] ^= 1;
            CHECK(refuses(exchange, bad));
        }
        CHECK(refuses(exchange, Bytes(good.size(), 0)));
        CHECK(refuses(exchange, Bytes(good.size(), 0xff)));
        // x and y exchanged
        Bytes swapped(good.begin() + static_cast<std::ptrdiff_t>(good.size() / 2), good.end());
        swapped.insert(swapped.end(), good.begin(),
                       good.begin() + static_cast<std::ptrdiff_t>(good.size() / 2));
        CHECK(refuses(exchange, swapped));
    }
}

TEST_CASE("ECP: a coordinate that is not below p is refused, though its rest is on the curve") {
    const Library library;
    // (0, y) lies on P-256, with y the square root of b; (p, y) is the same point, misspelt.
    const Bytes y = hex_octets("66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4");
    const KeyExchange exchange = seeded(library, KeyExchangeMethod::ecp_256, 1);
    Bytes point(32, 0);
    point.insert(point.end(), y.begin(), y.end());
    REQUIRE(exchange.shared_secret(point).has_value());

    Bytes misspelt = hex_octets(p256);
    misspelt.insert(misspelt.end(), y.begin(), y.end());
    CHECK(refuses(exchange, misspelt));
}

TEST_CASE("ECP: x or y = p is refused in each group") {
    const Library library;
    for (KeyExchangeMethod method : ecp_methods) {
        const Bytes p = field_octets(EcpGroup::load(method).value());
        const KeyExchange exchange = seeded(library, method, 1);
        Bytes x_is_p = to_bytes(seeded(library, method, 2).public_value());
        Bytes y_is_p = x_is_p;
        std::copy(p.begin(), p.end(), x_is_p.begin());
        std::copy(p.begin(), p.end(), y_is_p.begin() + static_cast<std::ptrdiff_t>(p.size()));
        CHECK(refuses(exchange, x_is_p));
        CHECK(refuses(exchange, y_is_p));
    }
    CHECK(to_hex(field_octets(EcpGroup::load(KeyExchangeMethod::ecp_256).value())) == p256);
}

TEST_CASE("ECP: a scalar that is 0 or not below n is drawn again") {
    const Library library;
    const std::string good(64, '1');
    const auto direct = scripted(library, KeyExchangeMethod::ecp_256, good);
    const auto redrawn =
        scripted(library, KeyExchangeMethod::ecp_256,
                 std::string(64, '0') + std::string(n256) + std::string(64, 'f') + good);
    CHECK(equal_bytes(direct.public_value(), redrawn.public_value()));
}

TEST_CASE("ECP: a random source that never yields a scalar is reported, not waited for") {
    const Library library;
    ScriptedRandom zeros(Bytes(32 * 64, 0));
    const auto exchange = KeyExchange::generate(library, KeyExchangeMethod::ecp_256, zeros);
    REQUIRE_FALSE(exchange);
    CHECK(exchange.error() == CryptoError::library_failure);
}

TEST_CASE("ECP: P-521's scalars use one bit of the first octet") {
    const Library library;
    const std::string rest(130, '3');
    const auto masked = scripted(library, KeyExchangeMethod::ecp_521, "fe" + rest);
    const auto plain = scripted(library, KeyExchangeMethod::ecp_521, "00" + rest);
    CHECK(equal_bytes(masked.public_value(), plain.public_value()));
}
