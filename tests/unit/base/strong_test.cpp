#include "base/strong.hpp"

#include <type_traits>
#include <unordered_map>

#include "support/catch.hpp"

using namespace xfrmd;

static_assert(!std::is_convertible_v<std::uint32_t, EspSpi>);
static_assert(!std::is_convertible_v<EspSpi, Reqid>);
static_assert(!std::is_constructible_v<EspSpi, Reqid>);

TEST_CASE("Strong: compares and hashes by value") {
    CHECK(EspSpi(1) < EspSpi(2));
    CHECK(EspSpi(7) == EspSpi(7));
    std::unordered_map<IkeSpi, int> by_spi{{IkeSpi(5), 1}};
    CHECK(by_spi.contains(IkeSpi(5)));
}
