#include "daemon/line_limit.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

namespace {

Instant after_boot(std::int64_t milliseconds) {
    return Instant(std::chrono::milliseconds(milliseconds));
}

}  // namespace

TEST_CASE("line limit: so many a second, then none until the second is over") {
    LineLimit limit(2);
    CHECK(limit.admit(after_boot(5000)));
    CHECK(limit.admit(after_boot(5001)));
    CHECK_FALSE(limit.admit(after_boot(5002)));
    CHECK_FALSE(limit.admit(after_boot(5999)));
    CHECK(limit.admit(after_boot(6000)));
}

TEST_CASE("line limit: what was suppressed is told once, after the second") {
    LineLimit limit(1);
    CHECK(limit.admit(after_boot(5000)));
    CHECK_FALSE(limit.admit(after_boot(5001)));
    CHECK_FALSE(limit.admit(after_boot(5002)));
    CHECK(limit.take_suppressed(after_boot(5003)) == 0);
    CHECK_FALSE(limit.is_idle(after_boot(6000)));
    CHECK(limit.take_suppressed(after_boot(6000)) == 2);
    CHECK(limit.is_idle(after_boot(6000)));
    CHECK(limit.take_suppressed(after_boot(6000)) == 0);
}
