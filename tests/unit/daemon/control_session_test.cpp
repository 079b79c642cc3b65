// One client's session by the clock: who is cut off, and who is not.
#include "daemon/control_session.hpp"

#include <sys/socket.h>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using std::chrono::seconds;

namespace {

constexpr Instant start{std::chrono::hours(1)};

struct Connected {
    Connected() {
        std::array<int, 2> pair{};
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()) == 0);
        client = FileDescriptor(pair[0]);
        session.emplace(FileDescriptor(pair[1]), Peer{Access::full, 0, 0}, start);
    }
    void send(const std::string& octets) const {
        REQUIRE(::send(client.number(), octets.data(), octets.size(), 0) ==
                static_cast<ssize_t>(octets.size()));
    }

    FileDescriptor client;
    std::optional<ControlSession> session;
};

std::string line(std::uint64_t) {
    return "event";
}

}  // namespace

TEST_CASE("control session: a watcher that had nothing to read for long has time for an event") {
    Connected connected;
    ControlSession& session = *connected.session;
    session.watch_events(control::Monitor{});
    const Instant later = start + seconds(3600);
    CHECK_FALSE(session.is_stuck(later));
    session.tell(line, later);
    CHECK_FALSE(session.is_stuck(later + seconds(9)));
    // More of them are no reason to wait longer for a client that does not read.
    session.tell(line, later + seconds(9));
    CHECK(session.is_stuck(later + seconds(10)));
    CHECK(session.transmit(later + seconds(10)));
    CHECK_FALSE(session.is_stuck(later + seconds(10)));
}

TEST_CASE("control session: F14, nothing is read while whole messages wait") {
    Connected connected;
    ControlSession& session = *connected.session;
    connected.send(std::string("{}\0{}\0{", 7));
    CHECK(session.wants_more());
    REQUIRE(session.receive());
    for (int i = 0; i < 2; ++i) {
        CHECK_FALSE(session.wants_more());
        CHECK(session.next_message(start) == "{}");
    }
    // What is left is the beginning of another one.
    CHECK_FALSE(session.next_message(start));
    CHECK(session.wants_more());
}
