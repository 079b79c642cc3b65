#include "daemon/driver.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/clock.hpp"
#include "daemon/error_text.hpp"

namespace xfrmd::daemon {
namespace {

/// Peers are told of our end by one message and its answer; the unit waits 15 s for all of it.
constexpr std::chrono::seconds stop_patience{5};

}  // namespace

void Driver::feed(ike::Input input) {
    pending_.push_back(std::move(input));
    while (!pending_.empty()) {
        ike::Input next = std::move(pending_.front());
        pending_.pop_front();
        engine_.handle(std::move(next), read_clocks());
        drain();
    }
    outlets_.journal.settle(boottime_now());
    arm();
}

void Driver::on_deadline() {
    if (armed_) {
        const Duration late = std::max<Duration>(boottime_now() - *armed_, Duration{});
        ++delay_.count;
        delay_.sum += late;
        delay_.most = std::max(delay_.most, late);
    }
    feed(ike::DeadlineReached{});
}

void Driver::stop() {
    give_up_ = boottime_now() + stop_patience;
    feed(ike::CommandStop{});
}

void Driver::drain() {
    while (auto output = engine_.poll_output())
        std::visit([this](auto& what) { carry_out(what); }, *output);
}

void Driver::carry_out(ike::Transmit& transmit) {
    const int error = outlets_.sockets.send(transmit);
    if (error != 0) tell_unsent(transmit.local, transmit.remote, error);
}

void Driver::carry_out(const ike::NatKeepalive& keepalive) {
    const int error = outlets_.sockets.send(keepalive);
    if (error != 0) tell_unsent(keepalive.local, keepalive.remote, error);
}

/// Sending again is the engine's business, as for a datagram that the network loses.
void Driver::tell_unsent(const Endpoint& local, const Endpoint& remote, int error) {
    pending_.push_back(ike::TransmitFailed{.local = local, .remote = remote, .error = error});
    outlets_.journal.write(
        Notice{.kind = NoticeKind::transmit_failed,
               .severity = ike::Severity::warning,
               .message = fmt::format("cannot send from {} to {}: {}", local.to_text(),
                                      remote.to_text(), error_text(error))},
        boottime_now());
}

void Driver::carry_out(ike::KernelRequest& request) {
    pending_.push_back(ike::KernelReply{.ticket = request.ticket,
                                        .results = outlets_.kernel.run(request.operations)});
}

void Driver::carry_out(ike::ReadKernel&) {
    auto sas = outlets_.kernel.dump_sas();
    auto policies = outlets_.kernel.dump_policies();
    ike::KernelTables tables;
    tables.complete = sas && policies;
    if (tables.complete) {
        tables.sas = *std::move(sas);
        tables.policies = *std::move(policies);
    }
    pending_.push_back(std::move(tables));
}

void Driver::carry_out(ike::Event& event) {
    outlets_.journal.write(event, boottime_now());
    if (outlets_.watchers) outlets_.watchers(event);
}

void Driver::carry_out(ike::ResolveName& question) {
    outlets_.names.ask(std::move(question));
}

void Driver::carry_out(ike::KeyLog& keys) {
    if (outlets_.key_log) outlets_.key_log->write(keys);
}

void Driver::arm() {
    const Instant now = boottime_now();
    if (give_up_ && (engine_.stopped() || now >= *give_up_)) {
        loop_.finish();
        return;
    }
    std::optional<Instant> deadline = engine_.next_deadline();
    if (give_up_) deadline = std::min(deadline.value_or(*give_up_), *give_up_);
    // What is overdue already is handled in its turn; it is not the loop that is late.
    armed_ = deadline ? std::optional(std::max(*deadline, now)) : std::nullopt;
    loop_.set_deadline(deadline);
}

}  // namespace xfrmd::daemon
