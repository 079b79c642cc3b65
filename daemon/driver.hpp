// The pump between the engine and the world: the only place that knows both.
#pragma once

#include <deque>
#include <functional>
#include <optional>

#include "control/metrics.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/journal.hpp"
#include "daemon/kernel_requests.hpp"
#include "daemon/key_log.hpp"
#include "daemon/name_resolver.hpp"
#include "daemon/udp_sockets.hpp"
#include "ike/engine.hpp"

namespace xfrmd::daemon {

/// Where outputs go. All of it outlives the driver; `key_log` may be absent.
struct Outlets {
    UdpSockets& sockets;
    KernelRequests& kernel;
    NameResolver& names;
    Journal& journal;
    KeyLogFile* key_log;
    std::function<void(const ike::Event&)> watchers{};  ///< hear of events; may be absent
};

class Driver {
  public:
    Driver(ike::Engine& engine, EventLoop& loop, const Outlets& outlets)
        : engine_(engine), loop_(loop), outlets_(outlets) {}

    /// Gives the engine the input, carries out what it wants, gives it the kernel's answers, and
    /// so on until it is quiet; then arms the deadline.
    void feed(ike::Input input);
    void on_deadline();
    /// How late that was, all in all.
    const control::LoopDelay& delay() const { return delay_; }

    /// Asks the engine to end. The loop finishes when it has, or when the time for that is up.
    void stop();
    bool is_stopping() const { return give_up_.has_value(); }

  private:
    void drain();
    void tell_unsent(const Endpoint& local, const Endpoint& remote, int error);
    void carry_out(ike::Transmit& transmit);
    void carry_out(const ike::NatKeepalive& keepalive);
    void carry_out(ike::KernelRequest& request);
    void carry_out(ike::ReadKernel& read);
    void carry_out(ike::Event& event);
    void carry_out(ike::ResolveName& question);
    void carry_out(ike::KeyLog& keys);
    void arm();

    ike::Engine& engine_;
    EventLoop& loop_;
    Outlets outlets_;
    std::deque<ike::Input> pending_;
    std::optional<Instant> give_up_;
    std::optional<Instant> armed_;
    control::LoopDelay delay_;
};

}  // namespace xfrmd::daemon
