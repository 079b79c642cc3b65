#include "daemon/event_loop.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>

#include <exception>
#include <utility>
#include <vector>

#include "daemon/error_text.hpp"

namespace xfrmd::daemon {
namespace {

template <auto Unref>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Unref(object);
    }
};
using EventHandle = std::unique_ptr<sd_event, Deleter<sd_event_unref>>;
using SourceHandle = std::unique_ptr<sd_event_source, Deleter<sd_event_source_disable_unref>>;

/// A handler at an address that does not move, and where its exceptions wait until they are out of
/// C.
struct Callback {
    EventLoop::Handler handler;
    std::exception_ptr* failure;
};

int call(void* data) {
    auto* callback = static_cast<Callback*>(data);
    try {
        callback->handler();
    } catch (...) {
        *callback->failure = std::current_exception();
    }
    return 0;
}

int call_for_io(sd_event_source*, int, std::uint32_t, void* data) {
    return call(data);
}

int call_for_signal(sd_event_source*, const signalfd_siginfo*, void* data) {
    return call(data);
}

int call_for_time(sd_event_source*, std::uint64_t, void* data) {
    return call(data);
}

std::expected<void, Failure> check(int result, const char* what) {
    if (result >= 0) return {};
    return std::unexpected(
        Failure{ExitCode::failure, fmt::format("event loop: {}: {}", what, error_text(-result))});
}

}  // namespace

struct EventLoop::Parts {
    EventHandle event;
    std::vector<std::unique_ptr<Callback>> callbacks;
    std::vector<SourceHandle> sources;
    SourceHandle deadline;
    std::exception_ptr failure;

    Callback* keep(Handler handler) {
        callbacks.push_back(std::make_unique<Callback>(std::move(handler), &failure));
        return callbacks.back().get();
    }
};

EventLoop::EventLoop(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EventLoop::EventLoop(EventLoop&&) noexcept = default;
EventLoop& EventLoop::operator=(EventLoop&&) noexcept = default;
EventLoop::~EventLoop() = default;

std::expected<EventLoop, Failure> EventLoop::create() {
    sd_event* event = nullptr;
    if (auto made = check(sd_event_new(&event), "create"); !made)
        return std::unexpected(made.error());
    auto parts = std::make_unique<Parts>();
    parts->event.reset(event);
    return EventLoop(std::move(parts));
}

std::expected<void, Failure> EventLoop::on_readable(int descriptor, Handler handler) {
    sd_event_source* source = nullptr;
    const int result = sd_event_add_io(parts_->event.get(), &source, descriptor, EPOLLIN,
                                       call_for_io, parts_->keep(std::move(handler)));
    if (result >= 0) parts_->sources.emplace_back(source);
    return check(result, "descriptor");
}

std::expected<void, Failure> EventLoop::on_signal(int signal, Handler handler) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    if (sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return check(-errno, "sigprocmask");
    sd_event_source* source = nullptr;
    const int result = sd_event_add_signal(parts_->event.get(), &source, signal, call_for_signal,
                                           parts_->keep(std::move(handler)));
    if (result < 0) return check(result, "signal");
    parts_->sources.emplace_back(source);
    return check(sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IMPORTANT), "priority");
}

std::expected<void, Failure> EventLoop::on_deadline(Handler handler) {
    constexpr std::uint64_t accuracy_microseconds = 1000;
    sd_event_source* source = nullptr;
    const int result =
        sd_event_add_time(parts_->event.get(), &source, CLOCK_BOOTTIME, UINT64_MAX,
                          accuracy_microseconds, call_for_time, parts_->keep(std::move(handler)));
    if (result < 0) return check(result, "timer");
    parts_->deadline.reset(source);
    return check(sd_event_source_set_enabled(source, SD_EVENT_OFF), "timer");
}

void EventLoop::set_deadline(std::optional<Instant> deadline) {
    sd_event_source* source = parts_->deadline.get();
    if (!source) return;
    if (!deadline) {
        sd_event_source_set_enabled(source, SD_EVENT_OFF);
        return;
    }
    const auto microseconds = deadline->time_since_epoch().count();
    sd_event_source_set_time(source,
                             microseconds < 0 ? 0 : static_cast<std::uint64_t>(microseconds));
    sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

std::expected<void, Failure> EventLoop::watch() {
    return check(sd_event_set_watchdog(parts_->event.get(), true), "watchdog");
}

sd_event* EventLoop::native() const {
    return parts_->event.get();
}

std::exception_ptr& EventLoop::failure() {
    return parts_->failure;
}

bool EventLoop::run_once() {
    const int result = sd_event_run(parts_->event.get(), UINT64_MAX);
    if (parts_->failure) std::rethrow_exception(std::exchange(parts_->failure, nullptr));
    return result >= 0 && sd_event_get_state(parts_->event.get()) != SD_EVENT_FINISHED;
}

void EventLoop::finish() {
    sd_event_exit(parts_->event.get(), 0);
}

}  // namespace xfrmd::daemon
