// A source of the event loop that comes and goes: a client's descriptor, or a clock that ticks.
#pragma once

#include <functional>
#include <memory>

#include "daemon/event_loop.hpp"

namespace xfrmd::daemon {

/// What a descriptor is ready for.
struct Readiness {
    bool readable = false;
    bool writable = false;
    bool broken = false;  ///< hung up, or an error: nothing more will come of it
};

/// Goes with its owner, who may end it from inside its own handler.
class LoopSource {
  public:
    LoopSource();
    LoopSource(LoopSource&&) noexcept;
    LoopSource& operator=(LoopSource&&) noexcept;
    ~LoopSource();

    /// The descriptor stays the caller's and must outlive the source. It waits for reading first.
    static std::expected<LoopSource, Failure> of_descriptor(EventLoop& loop, int descriptor,
                                                            std::function<void(Readiness)> handler);
    /// Calls `handler` every `period`.
    static std::expected<LoopSource, Failure> ticking(EventLoop& loop, Duration period,
                                                      std::function<void()> handler);

    /// What a descriptor is waited for; that it is broken is told in any case.
    void wait_for(bool reading, bool writing);

  private:
    struct Parts;
    explicit LoopSource(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace xfrmd::daemon
