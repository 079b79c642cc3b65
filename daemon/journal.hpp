// Where the daemon's words go: to systemd's journal with fields, or to stderr; never to both.
//
// Nothing here blocks: a line that nobody takes is lost, counted, and the loss is told later.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "daemon/file_descriptor.hpp"
#include "daemon/journal_entry.hpp"
#include "daemon/line_limit.hpp"

namespace xfrmd::daemon {

class Journal {
  public:
    /// The journal if stderr is its stream (systemd.exec(5), JOURNAL_STREAM) and its socket
    /// answers; stderr otherwise.
    static Journal open();
    /// Native datagrams to a connected, non-blocking socket.
    static Journal to_socket(FileDescriptor socket);
    /// Lines to a descriptor that stays the caller's.
    static Journal to_terminal(int descriptor);

    void write(const ike::Event& event, Instant now);
    void write(const Notice& notice, Instant now);
    /// Tells what was lost or over the limit, once the time for it has come.
    void settle(Instant now);
    /// Writes only what is at least so severe from now on.
    void set_level(ike::Severity level) { level_ = level; }
    /// Lines that nobody took, or that were over their limit, since the start.
    std::uint64_t lost() const { return lost_in_all_; }

  private:
    Journal(FileDescriptor socket, int terminal)
        : socket_(std::move(socket)), terminal_(terminal) {}
    LineLimit* limit_of(NoticeKind kind);
    /// The ceiling for lines like this one; null: there is none.
    LineLimit* limit_of(const ike::Event& event);
    void settle_tunnels(Instant now);
    void put_or_count(const JournalEntry& entry);
    /// False if nobody took it.
    bool put(const JournalEntry& entry);

    /// Lines a second that datagrams from anybody may cause, and lines about sending that fails.
    static constexpr std::uint32_t lines_per_second = 10;
    /// Of negotiations that fail: a flood of calls that no phase 1 is for makes no other lines but
    /// one that counts the rest, and both together stay below ten.
    static constexpr std::uint32_t failures_per_second = 5;
    /// Lines that a phase 1 may cause, with its peers: its phase 2s all at once, but no peer that
    /// makes and deletes SAs without end. Strangers take nothing of it.
    static constexpr std::uint32_t lines_of_tunnel_per_second = 100;

    FileDescriptor socket_;
    int terminal_;
    LineLimit dropped_limit_{lines_per_second};
    LineLimit failed_limit_{failures_per_second};
    LineLimit state_limit_{lines_per_second};
    LineLimit strangers_state_limit_{lines_per_second};
    /// By the names of phase 1s; of those that said something in the last second.
    std::map<std::string, LineLimit> tunnel_limits_;
    Instant tunnels_settled_{};
    LineLimit transmit_limit_{lines_per_second};
    LineLimit kernel_limit_{1};  ///< a flood of events that overflows once does so again and again
    ike::Severity level_ = ike::Severity::debug;
    std::uint64_t lost_ = 0;  ///< not told yet
    std::uint64_t lost_in_all_ = 0;
};

}  // namespace xfrmd::daemon
