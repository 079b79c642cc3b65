#include "daemon/non_esp_marker.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

namespace {

/// Four zeros, then `size` octets.
Bytes marked(std::size_t size) {
    Bytes octets(4, 0);
    octets.insert(octets.end(), size, 0x2a);
    return octets;
}

}  // namespace

TEST_CASE("non-ESP marker: four zero octets in front are taken off") {
    const Bytes octets = marked(28);
    const auto ike = strip_marker(octets);
    REQUIRE(ike);
    CHECK(ike->size() == 28);
    CHECK(ike->front() == 0x2a);
}

TEST_CASE("C13: behind a non-ESP marker, what is shorter than an IKE header is none of ours") {
    for (std::size_t size = 0; size < 28; ++size)
        CHECK_FALSE(strip_marker(marked(size)));
    CHECK_FALSE(strip_marker({}));
    const Bytes keepalive{0xff};
    CHECK_FALSE(strip_marker(keepalive));
}

TEST_CASE("C13: anything but zero in place of the non-ESP marker is ESP's") {
    for (std::size_t place = 0; place < 4; ++place) {
        Bytes octets = marked(28);
        octets[place] = 1;
        CHECK_FALSE(strip_marker(octets));
    }
}
