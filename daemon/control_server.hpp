// The control API's socket: who connects, how much of each is taken and kept, and when it is cut
// off. What requests mean is somebody else's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "daemon/control_session.hpp"
#include "daemon/loop_source.hpp"
#include "ike/event.hpp"

namespace xfrmd::daemon {

class ControlServer {
  public:
    /// Clients at a time. A tool holds its connection for a moment, a watcher for longer; what one
    /// may hold is bounded in ControlSession.
    static constexpr std::size_t most_clients = 64;

    using Answerer = std::function<Answer(const control::Call&, const Peer&)>;

    ControlServer(EventLoop& loop, FileDescriptor listener, Answerer answerer)
        : loop_(loop), listener_(std::move(listener)), answerer_(std::move(answerer)) {}
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    /// Puts the socket into the loop.
    std::expected<void, Failure> start();
    /// Members of this group may read from now on; those who are connected stay what they are.
    void set_readers(std::optional<gid_t> group) { readers_ = group; }
    /// Passes an event on to whoever watches. Sends nothing and ends nobody: it is called while a
    /// request is carried out.
    void publish(const ike::Event& event);

  private:
    void accept();
    void on_ready(int descriptor, Readiness readiness);
    /// False if the session is over.
    bool serve(ControlSession& session, Readiness readiness);
    void answer(ControlSession& session, const std::string& message);
    void cut_off_stuck();

    EventLoop& loop_;
    FileDescriptor listener_;
    Answerer answerer_;
    std::optional<gid_t> readers_;
    LoopSource listening_;
    LoopSource ticking_;
    std::map<int, std::unique_ptr<ControlSession>> sessions_;  ///< by descriptor
};

}  // namespace xfrmd::daemon
