// One client of the control API: what it has sent and not yet been answered, and what it has not
// yet read. Both are bounded, and nothing here waits for it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/time.hpp"
#include "control/frames.hpp"
#include "control/json.hpp"
#include "control/request.hpp"
#include "daemon/control_access.hpp"
#include "daemon/file_descriptor.hpp"
#include "daemon/loop_source.hpp"

namespace xfrmd::daemon {

/// The next part of an answer that is made piece by piece, as the client reads.
struct AnswerPart {
    std::string frames;
    bool last = false;
};
using AnswerParts = std::function<AnswerPart()>;

/// Frames to send, an answer that is made in parts, or the wish to watch events.
using Answer = std::variant<std::string, AnswerParts, control::Monitor>;

class ControlSession {
  public:
    ControlSession(FileDescriptor socket, Peer peer, Instant now)
        : socket_(std::move(socket)), peer_(peer), last_progress_(now) {}

    int descriptor() const { return socket_.number(); }
    const Peer& peer() const { return peer_; }

    // What the client sends.

    /// Reads what is there, a bounded amount. False if the client is gone.
    bool receive();
    /// Nothing is read while messages wait: whoever sends faster than it is answered is held up.
    bool wants_more() const { return !has_message_ && !is_busy(); }
    /// The next complete message; nothing if there is none, or if its answer has to wait for the
    /// client to read. What is too long ends the session.
    std::optional<std::string> next_message(Instant now);

    // What it gets.

    void answer(std::string frames) { unsent_ += std::move(frames); }
    void answer_in_parts(AnswerParts parts) { parts_ = std::move(parts); }
    void watch_events(control::Monitor wish) { watching_ = std::move(wish); }
    const std::optional<control::Monitor>& watching() const { return watching_; }
    /// An event for a client that watches; counted instead of kept if it does not read.
    void tell(const std::function<std::string(std::uint64_t lost)>& frame, Instant now);
    /// Makes the next part of an answer if the last one is read, and sends what the client takes.
    /// False if the client is gone.
    bool transmit(Instant now);

    // Its end.

    /// After what is unsent the session ends.
    void finish() { finishing_ = true; }
    bool is_finished() const { return finishing_ && unsent_.empty(); }
    /// The client neither sends a whole request nor reads its answers.
    bool is_stuck(Instant now) const;
    /// Waits for what makes sense now.
    void rearm();

  private:
    bool is_answering() const { return static_cast<bool>(parts_) || watching_.has_value(); }
    bool is_busy() const;

    FileDescriptor socket_;
    Peer peer_;
    control::FrameReader received_{control::JsonLimits{}.octets};
    std::string unsent_;
    AnswerParts parts_;
    std::optional<control::Monitor> watching_;
    std::uint64_t lost_events_ = 0;
    Instant last_progress_;  ///< when it sent a whole request, or read
    bool finishing_ = false;
    bool has_message_ = false;  ///< perhaps: not all that was received has been looked at

  public:
    LoopSource source;  ///< the server's; last: it refers to the descriptor
};

}  // namespace xfrmd::daemon
