#include "daemon/control_session.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace xfrmd::daemon {
namespace {

/// Before the next part of an answer is made, less than this of the one before is unsent.
constexpr std::size_t low_water = 16 * 1024;
/// Events that a client has not read yet.
constexpr std::size_t most_unread_events = 256 * 1024;
/// A client that has something to read and does not for so long is cut off.
constexpr std::chrono::seconds reading_patience{10};
/// A client that has nothing to read and asks nothing for so long as well.
constexpr std::chrono::seconds idle_patience{60};

}  // namespace

bool ControlSession::receive() {
    std::array<char, 4096> piece;
    const ssize_t size = recv(socket_.number(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (size == 0) return false;
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    received_.append({piece.data(), static_cast<std::size_t>(size)});
    has_message_ = true;
    return true;
}

std::optional<std::string> ControlSession::next_message(Instant now) {
    if (is_busy()) return std::nullopt;
    auto message = received_.next();
    has_message_ = message && *message;
    if (!message) {
        finish();
        return std::nullopt;
    }
    if (*message) last_progress_ = now;
    return *std::move(message);
}

void ControlSession::tell(const std::function<std::string(std::uint64_t lost)>& frame,
                          Instant now) {
    // It has had nothing to read: its patience begins with this.
    if (unsent_.empty()) last_progress_ = now;
    if (unsent_.size() >= most_unread_events) {
        ++lost_events_;
        return;
    }
    unsent_ += frame(std::exchange(lost_events_, 0));
}

bool ControlSession::transmit(Instant now) {
    if (parts_ && unsent_.size() < low_water) {
        AnswerPart part = parts_();
        unsent_ += part.frames;
        if (part.last) parts_ = nullptr;
    }
    if (unsent_.empty()) return true;
    const ssize_t size =
        send(socket_.number(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    unsent_.erase(0, static_cast<std::size_t>(size));
    last_progress_ = now;
    return true;
}

bool ControlSession::is_stuck(Instant now) const {
    if (!unsent_.empty()) return now - last_progress_ >= reading_patience;
    return !is_answering() && now - last_progress_ >= idle_patience;
}

bool ControlSession::is_busy() const {
    return is_answering() || finishing_ || unsent_.size() >= low_water;
}

void ControlSession::rearm() {
    const bool has_work = has_message_ && !is_busy();
    source.wait_for(wants_more(), !unsent_.empty() || static_cast<bool>(parts_) || has_work);
}

}  // namespace xfrmd::daemon
