#include "daemon/line_limit.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

namespace {

Instant at(std::int64_t milliseconds) {
    return Instant(std::chrono::milliseconds(milliseconds));
}

}  // namespace

TEST_CASE("line limit: so many a second, then none until the second is over") {
    LineLimit limit(2);
    CHECK(limit.admit(at(5000)));
    CHECK(limit.admit(at(5001)));
    CHECK_FALSE(limit.admit(at(5002)));
    CHECK_FALSE(limit.admit(at(5999)));
    CHECK(limit.admit(at(6000)));
}

TEST_CASE("line limit: what was suppressed is told once, after the second") {
    LineLimit limit(1);
    CHECK(limit.admit(at(5000)));
    CHECK_FALSE(limit.admit(at(5001)));
    CHECK_FALSE(limit.admit(at(5002)));
    CHECK(limit.take_suppressed(at(5003)) == 0);
    CHECK(limit.take_suppressed(at(6000)) == 2);
    CHECK(limit.take_suppressed(at(6000)) == 0);
}
