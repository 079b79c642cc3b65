#include "daemon/control_server.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "base/try.hpp"
#include "control/answers.hpp"
#include "daemon/clock.hpp"
#include "daemon/message_id.hpp"
#include "daemon/stream_listener.hpp"

namespace xfrmd::daemon {
namespace {

/// Clients accepted, and requests of one client answered, in one turn of the loop.
constexpr int accepted_per_turn = 16;
constexpr int answers_per_turn = 8;
/// How often those who are stuck are looked for.
constexpr std::chrono::seconds look_interval{2};

/// A last word to somebody who is not served. It fits into any socket's empty buffer.
void turn_away(const FileDescriptor& client, std::string_view error) {
    const std::string frame = control::error_frame({error});
    [[maybe_unused]] const ssize_t sent =
        send(client.number(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool wants(const control::Monitor& monitor, const ike::Event& event) {
    return event.severity <= monitor.least &&
           (monitor.phase1.empty() || monitor.phase1 == event.phase1);
}

}  // namespace

std::expected<void, Failure> ControlServer::start() {
    listening_ = XFRMD_TRY(
        LoopSource::of_descriptor(loop_, listener_.number(), [this](Readiness) { accept(); }));
    ticking_ = XFRMD_TRY(LoopSource::ticking(loop_, look_interval, [this] { cut_off_stuck(); }));
    return {};
}

void ControlServer::accept() {
    for (int i = 0; i < accepted_per_turn; ++i) {
        FileDescriptor client = accept_client(listener_.number());
        if (!client.is_open()) return;
        const Peer peer = identify_peer(client.number(), readers_);
        if (peer.access == Access::none) {
            turn_away(client, control::error_name::permission_denied);
            continue;
        }
        if (sessions_.size() >= most_clients) {
            turn_away(client, control::error_name::too_many_clients);
            continue;
        }
        const int descriptor = client.number();
        auto session = std::make_unique<ControlSession>(std::move(client), peer, boottime_now());
        auto source = LoopSource::of_descriptor(
            loop_, descriptor,
            [this, descriptor](Readiness readiness) { on_ready(descriptor, readiness); });
        if (!source) continue;
        session->source = *std::move(source);
        sessions_[descriptor] = std::move(session);
    }
}

void ControlServer::on_ready(int descriptor, Readiness readiness) {
    const auto found = sessions_.find(descriptor);
    if (found == sessions_.end()) return;
    ControlSession& session = *found->second;
    if (serve(session, readiness))
        session.rearm();
    else
        sessions_.erase(descriptor);
}

bool ControlServer::serve(ControlSession& session, Readiness readiness) {
    if (readiness.readable && !session.receive()) return false;
    if (readiness.broken && !readiness.readable) return false;
    for (int i = 0; i < answers_per_turn; ++i) {
        const auto message = session.next_message(boottime_now());
        if (!message) break;
        answer(session, *message);
    }
    return session.transmit(boottime_now()) && !session.is_finished();
}

void ControlServer::answer(ControlSession& session, const std::string& message) {
    const auto call = control::read_call(message);
    if (!call) {
        if (const auto* error = std::get_if<control::ErrorReply>(&call.error()))
            return session.answer(control::error_frame(*error));
        return session.finish();
    }
    Answer answer = answerer_(*call, session.peer());
    if (call->oneway) return;
    if (auto* frames = std::get_if<std::string>(&answer)) session.answer(std::move(*frames));
    if (auto* parts = std::get_if<AnswerParts>(&answer)) session.answer_in_parts(std::move(*parts));
    if (auto* monitor = std::get_if<control::Monitor>(&answer)) {
        session.answer(control::event_answer(nullptr, {}, 0));
        session.watch_events(std::move(*monitor));
    }
}

void ControlServer::publish(const ike::Event& event) {
    const Instant now = boottime_now();
    for (const auto& [descriptor, session] : sessions_) {
        if (!session->watching() || !wants(*session->watching(), event)) continue;
        session->tell(
            [&](std::uint64_t lost) {
                return control::event_answer(&event, message_id(event.kind), lost);
            },
            now);
        session->rearm();
    }
}

void ControlServer::cut_off_stuck() {
    const Instant now = boottime_now();
    std::erase_if(sessions_, [now](const auto& entry) { return entry.second->is_stuck(now); });
}

}  // namespace xfrmd::daemon
