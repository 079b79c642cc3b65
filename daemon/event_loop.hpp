// sd-event behind RAII: descriptors, signals, one deadline and the watchdog, in one thread.
//
// All sources but signals have one priority, so that a busy one cannot starve the others: sd-event
// takes the one that has waited longest.
#pragma once

#include <exception>
#include <expected>
#include <functional>
#include <memory>
#include <optional>

#include "base/time.hpp"
#include "daemon/exit_code.hpp"

struct sd_event;

namespace xfrmd::daemon {

class EventLoop {
  public:
    using Handler = std::function<void()>;

    static std::expected<EventLoop, Failure> create();
    EventLoop(EventLoop&&) noexcept;
    EventLoop& operator=(EventLoop&&) noexcept;
    ~EventLoop();

    /// Calls `handler` whenever `descriptor` has something to read. The descriptor stays the
    /// caller's and must outlive the loop's last run.
    std::expected<void, Failure> on_readable(int descriptor, Handler handler);
    /// Blocks the signal and calls `handler` for it, before anything else that is due.
    std::expected<void, Failure> on_signal(int signal, Handler handler);
    /// Calls `handler` once `set_deadline`'s time has come; it is disarmed then.
    std::expected<void, Failure> on_deadline(Handler handler);
    /// Arms, moves or (nothing) disarms the one deadline. Accuracy: 1 ms.
    void set_deadline(std::optional<Instant> deadline);
    /// Answers systemd's watchdog if the unit asks for one.
    std::expected<void, Failure> watch();

    /// Waits for one source and runs its handler. False once finish() was called.
    bool run_once();
    /// For LoopSource: the loop itself, and where exceptions of handlers wait for run_once().
    sd_event* native() const;
    std::exception_ptr& failure();

    /// Makes the loop end after the handler that runs.
    void finish();

  private:
    struct Parts;
    explicit EventLoop(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace xfrmd::daemon
