#include "daemon/journal.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

namespace {

Instant at(std::int64_t milliseconds) {
    return Instant(std::chrono::milliseconds(milliseconds));
}

/// A pipe whose reading end gives what was written so far.
struct Pipe {
    FileDescriptor reader, writer;

    Pipe() {
        std::array<int, 2> ends{};
        REQUIRE(pipe2(ends.data(), O_NONBLOCK) == 0);
        reader = FileDescriptor(ends[0]);
        writer = FileDescriptor(ends[1]);
    }
    std::string read_all() {
        std::string text(1 << 17, '\0');
        const ssize_t size = read(reader.number(), text.data(), text.size());
        text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return text;
    }
};

ike::Event event(ike::EventKind kind, std::string message) {
    ike::Event result;
    result.kind = kind;
    result.message = std::move(message);
    return result;
}

std::size_t lines(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

TEST_CASE("journal: a terminal gets each event once") {
    Pipe pipe;
    Journal journal = Journal::to_terminal(pipe.writer.number());
    journal.write(event(ike::EventKind::ike_sa_established, "up"), at(0));
    CHECK(pipe.read_all() == "up\n");
}

TEST_CASE("journal: a socket gets one datagram an event") {
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    const FileDescriptor reader(ends[0]);
    Journal journal = Journal::to_socket(FileDescriptor(ends[1]));
    journal.write(event(ike::EventKind::ike_sa_established, "up"), at(0));
    std::array<char, 4096> datagram{};
    const ssize_t size = recv(reader.number(), datagram.data(), datagram.size(), 0);
    REQUIRE(size > 0);
    CHECK(std::string_view(datagram.data(), static_cast<std::size_t>(size))
              .starts_with("MESSAGE=up\n"));
}

TEST_CASE("journal: dropped messages get ten lines a second, and the rest is counted") {
    Pipe pipe;
    Journal journal = Journal::to_terminal(pipe.writer.number());
    for (int i = 0; i < 25; ++i)
        journal.write(event(ike::EventKind::message_dropped, "dropped"), at(1000 + i));
    CHECK(lines(pipe.read_all()) == 10);
    journal.write(event(ike::EventKind::ike_sa_established, "others are not limited"), at(1100));
    CHECK(lines(pipe.read_all()) == 1);
    journal.settle(at(2000));
    CHECK(pipe.read_all() == "warning: 15 more messages were dropped without a line each\n");
    journal.settle(at(5000));
    CHECK(pipe.read_all().empty());
}

TEST_CASE("F02 journal: signs that the kernel's state has changed get one line a second") {
    Pipe pipe;
    Journal journal = Journal::to_terminal(pipe.writer.number());
    const Notice notice{.kind = NoticeKind::kernel_events_lost,
                        .severity = ike::Severity::warning,
                        .message = "events got lost"};
    for (int i = 0; i < 20; ++i)
        journal.write(notice, at(1000 + i));
    CHECK(lines(pipe.read_all()) == 1);
    journal.settle(at(2000));
    CHECK(pipe.read_all() ==
          "warning: 19 more signs that our state in the kernel may have changed\n");
}

TEST_CASE("journal: strangers do not take the place of a tunnel's own lines") {
    Pipe pipe;
    Journal journal = Journal::to_terminal(pipe.writer.number());
    ike::Event stranger = event(ike::EventKind::ike_sa_failed, "somebody called");
    stranger.phase1 = "hub";
    stranger.unproved = true;
    for (int i = 0; i < 25; ++i)
        journal.write(stranger, at(1000 + i));
    CHECK(lines(pipe.read_all()) == 5);
    ike::Event own = event(ike::EventKind::ike_sa_failed, "ours");
    own.phase1 = "hub";
    journal.write(own, at(1100));
    CHECK(lines(pipe.read_all()) == 1);
    journal.settle(at(2500));
    CHECK(pipe.read_all() == "warning: 20 more negotiations failed without a line each\n");
}

TEST_CASE("journal: a peer that is known has a ceiling too, and each tunnel its own") {
    Pipe pipe;
    Journal journal = Journal::to_terminal(pipe.writer.number());
    ike::Event told = event(ike::EventKind::child_sa_established, "up");
    told.phase1 = "restless";
    for (int i = 0; i < 150; ++i)
        journal.write(told, at(1000 + i));
    CHECK(lines(pipe.read_all()) == 100);
    told.phase1 = "calm";
    journal.write(told, at(1200));
    CHECK(pipe.read_all() == "calm: up\n");
    CHECK(journal.lost() == 50);
    journal.settle(at(2500));
    CHECK(pipe.read_all() == "warning: 50 more lines of restless were left out\n");
    told.phase1 = "restless";
    journal.write(told, at(2600));
    CHECK(pipe.read_all() == "restless: up\n");
}

TEST_CASE("journal: a reader that does not read loses lines, blocks nothing, and is told later") {
    Pipe pipe;
    Journal journal = Journal::to_terminal(pipe.writer.number());
    const std::string long_message(1000, 'a');
    for (int i = 0; i < 200; ++i)
        journal.write(event(ike::EventKind::child_sa_established, long_message), at(i));
    const std::size_t written = lines(pipe.read_all());
    CHECK(written < 200);
    journal.settle(at(1000));
    CHECK(pipe.read_all() ==
          "warning: " + std::to_string(200 - written) + " lines were lost: nobody took them\n");
}

TEST_CASE("journal: what is less severe than the level is not written") {
    Pipe pipe;
    Journal journal = Journal::to_terminal(pipe.writer.number());
    journal.set_level(ike::Severity::warning);
    ike::Event quiet = event(ike::EventKind::ike_sa_established, "up");
    quiet.severity = ike::Severity::notice;
    journal.write(quiet, at(0));
    CHECK(pipe.read_all().empty());
    quiet.severity = ike::Severity::warning;
    journal.write(quiet, at(0));
    CHECK(lines(pipe.read_all()) == 1);
    CHECK(journal.lost() == 0);
}

TEST_CASE("journal: what is left out for its number is counted") {
    Pipe pipe;
    Journal journal = Journal::to_terminal(pipe.writer.number());
    for (int i = 0; i < 25; ++i)
        journal.write(event(ike::EventKind::message_dropped, "dropped"), at(i));
    CHECK(lines(pipe.read_all()) == 10);
    CHECK(journal.lost() == 15);
}
