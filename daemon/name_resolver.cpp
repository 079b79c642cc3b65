#include "daemon/name_resolver.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/assert.hpp"
#include "daemon/clock.hpp"
#include "daemon/dns_channel.hpp"
#include "daemon/error_text.hpp"
#include "daemon/file_descriptor.hpp"

namespace xfrmd::daemon {
namespace {

/// Sockets looked at in one turn of the event loop, which then has time for others.
constexpr std::size_t sockets_per_turn = 16;

struct Question {
    ike::ResolveName what;
    Instant give_up;
};

/// Absolute; 0 would disarm.
itimerspec expiry_at(Instant time) {
    const auto since_boot = std::max(time.time_since_epoch(), Duration(1));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
    const std::chrono::nanoseconds rest = since_boot - seconds;
    return {.it_interval = {}, .it_value = {.tv_sec = seconds.count(), .tv_nsec = rest.count()}};
}

}  // namespace

struct NameResolver::Parts {
    NameResolverSettings settings;
    FileDescriptor epoll;
    FileDescriptor timer;
    std::optional<DnsChannel> channel{};
    std::string channel_error{};
    bool servers_failed = false;
    Instant renewed_at{};

    /// By a number that counts up: as all have the same patience, the first is the first to end.
    std::map<std::uint64_t, Question> questions{};
    std::unordered_map<std::uint64_t, std::uint64_t> number_of_tunnel{};
    std::uint64_t next_number = 1;
    std::uint64_t first_waiting = 1;  ///< questions of smaller numbers are being looked up
    std::vector<ike::NameResolved> answers{};

    void process_events();
    void proceed();
    void lose_patience(Instant now);
    void open_channel(Instant now);
    void look_up_waiting();
    void answer(std::uint64_t number, DnsAnswer found);
    void arm(Instant now);
};

NameResolver::NameResolver(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
NameResolver::NameResolver(NameResolver&&) noexcept = default;
NameResolver& NameResolver::operator=(NameResolver&&) noexcept = default;
NameResolver::~NameResolver() = default;

std::expected<NameResolver, Failure> NameResolver::open(NameResolverSettings settings) {
    auto parts = std::make_unique<Parts>(
        Parts{.settings = std::move(settings),
              .epoll = FileDescriptor(epoll_create1(EPOLL_CLOEXEC)),
              .timer = FileDescriptor(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK))});
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = parts->timer.number();
    if (!parts->epoll.is_open() || !parts->timer.is_open() ||
        epoll_ctl(parts->epoll.number(), EPOLL_CTL_ADD, event.data.fd, &event) != 0)
        return std::unexpected(
            Failure{ExitCode::failure, fmt::format("cannot look up names: {}", error_text(errno))});
    parts->open_channel(boottime_now());
    return NameResolver(std::move(parts));
}

int NameResolver::descriptor() const {
    return parts_->epoll.number();
}

void NameResolver::ask(ike::ResolveName question) {
    auto& known = parts_->number_of_tunnel;
    if (const auto before = known.find(question.tunnel); before != known.end()) {
        parts_->questions.erase(before->second);
        known.erase(before);
    }
    const std::uint64_t number = parts_->next_number++;
    known.emplace(question.tunnel, number);
    parts_->questions.emplace(
        number, Question{std::move(question), boottime_now() + parts_->settings.patience});
    if (parts_->questions.size() > most_questions)
        parts_->answer(number, {.error = "too many names are being looked up"});
    parts_->proceed();
}

std::vector<ike::NameResolved> NameResolver::read() {
    parts_->process_events();
    parts_->proceed();
    auto answers = std::exchange(parts_->answers, {});
    parts_->arm(boottime_now());
    return answers;
}

void NameResolver::renew() {
    parts_->open_channel(boottime_now());
    parts_->proceed();
}

void NameResolver::Parts::process_events() {
    std::array<epoll_event, sockets_per_turn> events{};
    const int count = epoll_wait(epoll.number(), events.data(), sockets_per_turn, 0);
    for (int i = 0; i < count && channel; ++i) {
        const epoll_event& event = events.at(static_cast<std::size_t>(i));
        if (event.data.fd == timer.number())
            channel->process_timeouts();
        else
            channel->process(event.data.fd, event.events);
    }
}

/// To be called after whatever may have changed something.
void NameResolver::Parts::proceed() {
    const Instant now = boottime_now();
    lose_patience(now);
    if ((servers_failed || !channel) && now - renewed_at >= settings.patience) open_channel(now);
    look_up_waiting();
    arm(now);
}

void NameResolver::Parts::lose_patience(Instant now) {
    while (!questions.empty() && questions.begin()->second.give_up <= now) {
        const std::chrono::duration<double> patience = settings.patience;
        answer(questions.begin()->first,
               {.error = fmt::format("no answer within {} s", patience.count()),
                .servers_failed = true});
    }
}

/// The servers may have changed since /etc/resolv.conf was read. What is being looked up is asked
/// anew, and lookups that nobody waits for any more end.
void NameResolver::Parts::open_channel(Instant now) {
    renewed_at = now;
    servers_failed = false;
    first_waiting = 0;
    channel.reset();
    auto opened = DnsChannel::open(
        settings.servers, epoll.number(),
        [this](std::uint64_t number, DnsAnswer found) { answer(number, std::move(found)); });
    if (opened)
        channel = *std::move(opened);
    else
        channel_error = std::move(opened).error();
}

void NameResolver::Parts::look_up_waiting() {
    while (!channel || channel->running() < most_lookups) {
        const auto next = questions.lower_bound(first_waiting);
        if (next == questions.end()) return;
        first_waiting = next->first + 1;
        if (!channel) {
            answer(next->first, {.error = channel_error});
            continue;
        }
        // A copy, as an answer that is there at once removes the question.
        const std::string name = next->second.what.name;
        channel->look_up(next->first, name, next->second.what.family);
    }
}

/// Nobody may be waiting for it any more.
void NameResolver::Parts::answer(std::uint64_t number, DnsAnswer found) {
    if (found.servers_failed) servers_failed = true;
    const auto question = questions.find(number);
    if (question == questions.end()) return;
    ike::ResolveName& what = question->second.what;
    answers.push_back({.tunnel = what.tunnel,
                       .name = std::move(what.name),
                       .addresses = std::move(found.addresses),
                       .error = std::move(found.error)});
    number_of_tunnel.erase(what.tunnel);
    questions.erase(question);
}

/// The descriptor turns readable when there is an answer, a server is silent for too long, or a
/// question has been open for too long.
void NameResolver::Parts::arm(Instant now) {
    Instant wake = questions.empty() ? Instant::max() : questions.begin()->second.give_up;
    if (channel)
        if (const auto left = channel->next_timeout()) wake = std::min(wake, now + *left);
    if (!answers.empty()) wake = now;
    const itimerspec expiry = wake == Instant::max() ? itimerspec{} : expiry_at(wake);
    XFRMD_ASSERT(timerfd_settime(timer.number(), TFD_TIMER_ABSTIME, &expiry, nullptr) == 0);
}

}  // namespace xfrmd::daemon
