#include "daemon/interface_watch.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

TEST_CASE("interface watch: the machine's devices are given once") {
    auto watch = InterfaceWatch::open();
    REQUIRE(watch);
    const auto first = watch->read();
    REQUIRE(first);
    CHECK(std::ranges::find(first->interfaces, "lo", &ike::Interface::name) !=
          first->interfaces.end());
    CHECK_FALSE(watch->read());
}
