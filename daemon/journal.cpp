#include "daemon/journal.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <iterator>
#include <string_view>

namespace xfrmd::daemon {
namespace {

constexpr std::string_view journal_socket_path = "/run/systemd/journal/socket";

bool stderr_is_journal_stream() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status{};
    if (!stream || fstat(STDERR_FILENO, &status) != 0) return false;
    return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

FileDescriptor connect_to_journal() {
    FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    journal_socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (!socket.is_open() ||
        connect(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return {};
    return socket;
}

/// A pipe or terminal that is ready takes at least a line in one piece.
bool write_if_ready(int descriptor, std::string_view line) {
    pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return false;
    return ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

}  // namespace

Journal Journal::open() {
    if (stderr_is_journal_stream())
        if (FileDescriptor socket = connect_to_journal(); socket.is_open())
            return to_socket(std::move(socket));
    return to_terminal(STDERR_FILENO);
}

Journal Journal::to_socket(FileDescriptor socket) {
    return Journal(std::move(socket), -1);
}

Journal Journal::to_terminal(int descriptor) {
    return Journal(FileDescriptor(), descriptor);
}

void Journal::write(const ike::Event& event, Instant now) {
    settle(now);
    if (event.severity > level_) return;
    if (LineLimit* limit = limit_of(event); limit && !limit->admit(now)) {
        ++lost_in_all_;
        return;
    }
    put_or_count(to_entry(event));
}

void Journal::write(const Notice& notice, Instant now) {
    settle(now);
    if (notice.severity > level_) return;
    if (LineLimit* limit = limit_of(notice.kind); limit && !limit->admit(now)) {
        ++lost_in_all_;
        return;
    }
    put_or_count(to_entry(notice));
}

void Journal::put_or_count(const JournalEntry& entry) {
    if (put(entry)) return;
    ++lost_;
    ++lost_in_all_;
}

LineLimit* Journal::limit_of(const ike::Event& event) {
    if (event.kind == ike::EventKind::message_dropped) return &dropped_limit_;
    const bool is_state = event.kind == ike::EventKind::ike_sa_state;
    if (event.unproved) return is_state ? &strangers_state_limit_ : &failed_limit_;
    if (is_state) return &state_limit_;
    if (event.phase1.empty()) return nullptr;
    return &tunnel_limits_.try_emplace(event.phase1, lines_of_tunnel_per_second).first->second;
}

/// Looks at all of them, so not at every line.
void Journal::settle_tunnels(Instant now) {
    if (now - tunnels_settled_ < std::chrono::seconds(1)) return;
    tunnels_settled_ = now;
    for (auto it = tunnel_limits_.begin(); it != tunnel_limits_.end();) {
        const auto count = it->second.take_suppressed(now);
        if (count > 0 &&
            !put(to_entry(Notice{
                .kind = NoticeKind::journal_entries_lost,
                .severity = ike::Severity::warning,
                .message = fmt::format("{} more lines of {} were left out", count, it->first)})))
            ++lost_;
        it = it->second.is_idle(now) ? tunnel_limits_.erase(it) : std::next(it);
    }
}

LineLimit* Journal::limit_of(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::transmit_failed: return &transmit_limit_;
        case NoticeKind::kernel_events_lost: return &kernel_limit_;
        default: return nullptr;
    }
}

void Journal::settle(Instant now) {
    const auto tell = [this](std::string message) {
        return put(to_entry(Notice{.kind = NoticeKind::journal_entries_lost,
                                   .severity = ike::Severity::warning,
                                   .message = std::move(message)}));
    };
    if (const auto count = dropped_limit_.take_suppressed(now))
        if (!tell(fmt::format("{} more messages were dropped without a line each", count))) ++lost_;
    if (const auto count = failed_limit_.take_suppressed(now))
        if (!tell(fmt::format("{} more negotiations failed without a line each", count))) ++lost_;
    if (const auto count =
            state_limit_.take_suppressed(now) + strangers_state_limit_.take_suppressed(now))
        if (!tell(fmt::format("{} more changes of state without a line each", count))) ++lost_;
    if (const auto count = transmit_limit_.take_suppressed(now))
        if (!tell(fmt::format("{} more datagrams could not be sent", count))) ++lost_;
    if (const auto count = kernel_limit_.take_suppressed(now))
        if (!tell(
                fmt::format("{} more signs that our state in the kernel may have changed", count)))
            ++lost_;
    settle_tunnels(now);
    if (lost_ > 0 && tell(fmt::format("{} lines were lost: nobody took them", lost_))) lost_ = 0;
}

bool Journal::put(const JournalEntry& entry) {
    if (!socket_.is_open()) return write_if_ready(terminal_, to_terminal_line(entry));
    const std::string datagram = to_journal_datagram(entry);
    return send(socket_.number(), datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0;
}

}  // namespace xfrmd::daemon
