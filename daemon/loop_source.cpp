#include "daemon/loop_source.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>

#include <exception>
#include <utility>

#include "daemon/error_text.hpp"

namespace xfrmd::daemon {

struct LoopSource::Parts {
    using Handler = std::function<void(Readiness)>;

    explicit Parts(EventLoop& loop, Handler called)
        : handler(std::make_shared<Handler>(std::move(called))), failure(&loop.failure()) {}
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    ~Parts() { sd_event_source_disable_unref(source); }

    /// The handler is held until it has returned: it may end the source, and these parts with it.
    static void call(const Parts& parts, Readiness readiness) {
        const std::shared_ptr<Handler> held = parts.handler;
        std::exception_ptr* const broken = parts.failure;
        try {
            (*held)(readiness);
        } catch (...) {
            *broken = std::current_exception();
        }
    }

    static int on_io(sd_event_source*, int, std::uint32_t events, void* data) {
        call(*static_cast<Parts*>(data), {.readable = (events & EPOLLIN) != 0,
                                          .writable = (events & EPOLLOUT) != 0,
                                          .broken = (events & (EPOLLHUP | EPOLLERR)) != 0});
        return 0;
    }

    static int on_time(sd_event_source* source, std::uint64_t, void* data) {
        auto* parts = static_cast<Parts*>(data);
        sd_event_source_set_time_relative(source, parts->period);
        sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        call(*parts, {});
        return 0;
    }

    std::shared_ptr<Handler> handler;
    std::exception_ptr* failure;
    sd_event_source* source = nullptr;
    std::uint64_t period = 0;  ///< microseconds
};

namespace {

std::unexpected<Failure> cannot_watch(int result) {
    return std::unexpected(
        Failure{ExitCode::failure, fmt::format("event loop: source: {}", error_text(-result))});
}

}  // namespace

LoopSource::LoopSource() = default;
LoopSource::LoopSource(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LoopSource::LoopSource(LoopSource&&) noexcept = default;
LoopSource& LoopSource::operator=(LoopSource&&) noexcept = default;
LoopSource::~LoopSource() = default;

std::expected<LoopSource, Failure> LoopSource::of_descriptor(
    EventLoop& loop, int descriptor, std::function<void(Readiness)> handler) {
    auto parts = std::make_unique<Parts>(loop, std::move(handler));
    const int result = sd_event_add_io(loop.native(), &parts->source, descriptor, EPOLLIN,
                                       Parts::on_io, parts.get());
    if (result < 0) return cannot_watch(result);
    return LoopSource(std::move(parts));
}

std::expected<LoopSource, Failure> LoopSource::ticking(EventLoop& loop, Duration period,
                                                       std::function<void()> handler) {
    auto parts =
        std::make_unique<Parts>(loop, [called = std::move(handler)](Readiness) { called(); });
    parts->period = static_cast<std::uint64_t>(period.count());
    const int result = sd_event_add_time_relative(loop.native(), &parts->source, CLOCK_BOOTTIME,
                                                  parts->period, 0, Parts::on_time, parts.get());
    if (result < 0) return cannot_watch(result);
    return LoopSource(std::move(parts));
}

void LoopSource::wait_for(bool reading, bool writing) {
    if (!parts_) return;
    const std::uint32_t events =
        (reading ? std::uint32_t{EPOLLIN} : 0U) | (writing ? std::uint32_t{EPOLLOUT} : 0U);
    sd_event_source_set_io_events(parts_->source, events);
}

}  // namespace xfrmd::daemon
