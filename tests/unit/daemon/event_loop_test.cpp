#include "daemon/event_loop.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "daemon/clock.hpp"
#include "daemon/file_descriptor.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

TEST_CASE("event loop: the deadline comes when its time has come, once") {
    auto loop = EventLoop::create();
    REQUIRE(loop);
    int calls = 0;
    REQUIRE(loop->on_deadline([&] { ++calls; }));
    const Instant before = boottime_now();
    loop->set_deadline(before + std::chrono::milliseconds(20));
    REQUIRE(loop->run_once());
    CHECK(calls == 1);
    CHECK(boottime_now() - before >= std::chrono::milliseconds(20));
}

TEST_CASE("event loop: a deadline in the past comes at once, one moved away does not") {
    auto loop = EventLoop::create();
    REQUIRE(loop);
    int calls = 0;
    REQUIRE(loop->on_deadline([&] { ++calls; }));
    loop->set_deadline(Instant(Duration(1)));
    REQUIRE(loop->run_once());
    CHECK(calls == 1);

    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const FileDescriptor reader(ends[0]), writer(ends[1]);
    bool readable = false;
    REQUIRE(loop->on_readable(reader.number(), [&] { readable = true; }));
    REQUIRE(write(writer.number(), "x", 1) == 1);
    loop->set_deadline(Instant(Duration(1)));
    loop->set_deadline(std::nullopt);
    REQUIRE(loop->run_once());
    CHECK(readable);
    CHECK(calls == 1);
}

TEST_CASE("event loop: signals come through it, and it ends when told") {
    auto loop = EventLoop::create();
    REQUIRE(loop);
    REQUIRE(loop->on_signal(SIGUSR1, [&] { loop->finish(); }));
    REQUIRE(kill(getpid(), SIGUSR1) == 0);
    while (loop->run_once()) {
    }
    SUCCEED("it ended");
}

TEST_CASE("event loop: an exception in a handler reaches whoever runs the loop") {
    auto loop = EventLoop::create();
    REQUIRE(loop);
    REQUIRE(loop->on_deadline([] { throw std::runtime_error("boom"); }));
    loop->set_deadline(Instant(Duration(1)));
    CHECK_THROWS_AS(loop->run_once(), std::runtime_error);
}
