#include "ike/lifetimes.hpp"

#include "ike/liveness.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace std::chrono_literals;
using config::GatewayType;

// The margins that were measured on FortiGates.
TEST_CASE("lifetimes: the end that created an SA asks first, the other thirty seconds later") {
    CHECK(lifetimes::soft_lifetime(86400s, true, GatewayType::static_) == 86100s);
    CHECK(lifetimes::soft_lifetime(86400s, false, GatewayType::static_) == 86130s);
    CHECK(lifetimes::soft_lifetime(3600s, true, GatewayType::ddns) == 3300s);
    CHECK(lifetimes::soft_lifetime(3600s, false, GatewayType::ddns) == 3330s);
}

TEST_CASE("lifetimes: short lives have short margins, and half of them is always lived") {
    CHECK(lifetimes::soft_lifetime(3599s, true, GatewayType::static_) == 3549s);
    CHECK(lifetimes::soft_lifetime(1800s, false, GatewayType::static_) == 1770s);
    CHECK(lifetimes::soft_lifetime(120s, true, GatewayType::static_) == 70s);
    CHECK(lifetimes::soft_lifetime(90s, true, GatewayType::static_) == 45s);
}

TEST_CASE("lifetimes: a dial-up server leaves it to its clients until the last") {
    CHECK(lifetimes::soft_lifetime(43200s, false, GatewayType::dynamic) == 43185s);
    CHECK(lifetimes::soft_lifetime(43200s, true, GatewayType::dynamic) == 43185s);
}

TEST_CASE("liveness: an unanswered probe waits min(93 s, retries x interval)") {
    config::Phase1 phase1;
    const auto patience = [&](std::uint32_t count, std::chrono::seconds interval) {
        phase1.dpd_retry_count = count;
        phase1.dpd_retry_interval = interval;
        return liveness::patience(phase1);
    };
    CHECK(patience(3, 20s) == 60s);
    CHECK(patience(4, 30s) == 93s);
    CHECK(patience(3, 31s) == 93s);
    CHECK(patience(2, 5s) == 10s);
    CHECK(patience(1, 2s) == 2s);
}

TEST_CASE("liveness: counters are read four times in an interval, within bounds") {
    config::Phase1 phase1;
    const auto every = [&](std::chrono::seconds interval) {
        phase1.dpd_retry_interval = interval;
        return liveness::watch_interval(phase1);
    };
    CHECK(every(20s) == 5s);
    CHECK(every(3600s) == 5s);
    CHECK(every(8s) == 2s);
    CHECK(every(1s) == 250ms);
}
