#include "ike/timers.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using std::chrono::seconds;

namespace {

constexpr Instant start{std::chrono::hours(1)};

constexpr TimerKey retransmit_of(std::uint64_t owner) {
    return {Timer::retransmit, owner};
}

}  // namespace

TEST_CASE("timers: the schedule of retransmissions is 0, 3, 9, 21, 45 s, and 93 s is the end") {
    CHECK(transmissions ==
          std::array{seconds(0), seconds(3), seconds(9), seconds(21), seconds(45)});
    CHECK(retransmission_ceiling == seconds(93));
    CHECK(auto_negotiate_interval == seconds(5));
}

TEST_CASE("timers: a stopping engine sends each DELETE at least twice") {
    CHECK(stop_grace > transmissions[1]);
    CHECK(stop_grace < transmissions[2]);
}

TEST_CASE("timers: none armed, none due") {
    Timers timers;
    CHECK_FALSE(timers.next());
    CHECK_FALSE(timers.take_due(start));
    CHECK(timers.size() == 0);
}

TEST_CASE("timers: the earliest comes first, each once, and never too early") {
    Timers timers;
    timers.arm(retransmit_of(1), start + seconds(9));
    timers.arm(retransmit_of(2), start + seconds(3));
    CHECK(timers.next() == start + seconds(3));
    CHECK_FALSE(timers.take_due(start + seconds(3) - Duration(1)));
    CHECK(timers.take_due(start + seconds(3)) == retransmit_of(2));
    CHECK_FALSE(timers.take_due(start + seconds(3)));
    CHECK(timers.take_due(start + seconds(100)) == retransmit_of(1));
    CHECK(timers.size() == 0);
}

TEST_CASE("timers: arming again moves a timer, later or earlier") {
    Timers timers;
    timers.arm(retransmit_of(1), start + seconds(3));
    timers.arm(retransmit_of(1), start + seconds(9));
    CHECK(timers.size() == 1);
    CHECK(timers.is_armed(retransmit_of(1)));
    CHECK_FALSE(timers.is_armed(retransmit_of(2)));
    CHECK_FALSE(timers.take_due(start + seconds(8)));
    timers.arm(retransmit_of(1), start + seconds(1));
    CHECK(timers.next() == start + seconds(1));
    CHECK(timers.take_due(start + seconds(1)) == retransmit_of(1));
}

TEST_CASE("timers: owner and meaning together name a timer") {
    Timers timers;
    timers.arm({Timer::retransmit, 7}, start);
    timers.arm({Timer::ike_expire, 7}, start);
    timers.arm({Timer::retransmit, 8}, start);
    CHECK(timers.size() == 3);
    timers.cancel({Timer::retransmit, 7});
    CHECK(timers.size() == 2);
    CHECK(timers.take_due(start) == TimerKey{Timer::retransmit, 8});
    CHECK(timers.take_due(start) == TimerKey{Timer::ike_expire, 7});
}

TEST_CASE("timers: cancelling what is not armed does nothing") {
    Timers timers;
    timers.arm(retransmit_of(1), start);
    timers.cancel(retransmit_of(2));
    timers.cancel(retransmit_of(1));
    timers.cancel(retransmit_of(1));
    CHECK(timers.size() == 0);
    CHECK_FALSE(timers.next());
}

TEST_CASE("timers: timers of one instant come in an order that does not depend on arming") {
    const auto order = [](std::initializer_list<std::uint64_t> owners) {
        Timers timers;
        for (std::uint64_t owner : owners)
            timers.arm(retransmit_of(owner), start);
        std::vector<std::uint64_t> taken;
        while (const auto key = timers.take_due(start))
            taken.push_back(key->owner);
        return taken;
    };
    CHECK(order({3, 1, 2}) == order({2, 3, 1}));
}
