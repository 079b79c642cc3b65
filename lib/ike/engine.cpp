#include "ike/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "ike/engine_parts.hpp"
#include "ike/exchanges/ike_sa_init.hpp"
#include "ike/lifetimes.hpp"
#include "ike/reload.hpp"
#include "ike/traffic.hpp"

namespace xfrmd::ike {

using wire::ExchangeType;
using wire::NotifyType;

namespace {

/// A first message is kept until its sender has proved who it is, and costs an attacker nothing:
/// proposals with all of our algorithms and the largest KE payload need 2 KiB.
constexpr std::size_t max_first_message = 8192;

std::string_view name_of(const std::shared_ptr<const config::Phase1>& phase1) {
    return phase1->name;
}

}  // namespace

Engine::Engine(const crypto::Library& library, Random& random, EngineOptions options)
    : parts_(std::make_unique<Parts>(library, random, options)) {}

Engine::~Engine() = default;

void Engine::handle(Input input, const Now& now) {
    parts_->context.now = now;
    std::visit([this](auto& happened) { parts_->on(happened); }, input);
    parts_->on_initial_contacts();
    parts_->on_reports();
    parts_->context.library.forget_keys();
}

std::optional<Output> Engine::poll_output() {
    auto& outputs = parts_->context.outputs;
    if (outputs.empty()) return std::nullopt;
    Output output = std::move(outputs.front());
    outputs.pop_front();
    return output;
}

std::optional<Instant> Engine::next_deadline() const {
    return parts_->context.timers.next();
}

bool Engine::stopped() const {
    if (!parts_->stopping) return false;
    return parts_->stop_grace_over ||
           (parts_->sas.size() == 0 && parts_->context.kernel_requests.empty());
}

std::size_t Engine::established_count() const {
    return parts_->sas.size() - parts_->sas.half_open();
}

std::size_t Engine::half_open_count() const {
    return parts_->sas.half_open();
}

std::optional<TunnelOverview> Engine::tunnel(std::string_view name) const {
    if (!parts_->config) return std::nullopt;
    const auto& phase1s = parts_->config->phase1s;
    const auto found = std::ranges::lower_bound(phase1s, name, {}, name_of);
    if (found == phase1s.end() || (*found)->name != name) return std::nullopt;
    return tunnel_overview_of(**found, parts_->context);
}

std::optional<std::string> Engine::next_tunnel(std::string_view name) const {
    if (!parts_->config) return std::nullopt;
    const auto& phase1s = parts_->config->phase1s;
    const auto next = std::ranges::upper_bound(phase1s, name, {}, name_of);
    if (next == phase1s.end()) return std::nullopt;
    return (*next)->name;
}

const Tally& Engine::tally() const {
    return parts_->context.tally;
}

Overview Engine::overview() const {
    return overview_of(parts_->sas, parts_->context);
}

const DoorCounts& Engine::door_counts() const {
    return parts_->doors.counts();
}

// ---- Datagrams ---------------------------------------------------------------------------------

void Engine::Parts::on(DatagramReceived& datagram) {
    const auto header = wire::Header::parse(datagram.octets);
    if (!header) return drop(datagram, header.error().what);
    if (!may_be_answered(datagram.remote, datagram.local))
        return drop(datagram, "from an address that nobody has");
    if (header->major_version != 2) {
        // Only a request of a later version is told which one we speak (RFC 7296 section 2.5).
        if (header->major_version > 2 && !header->response)
            ike_sa_init::refuse(datagram, *header, NotifyType::invalid_major_version, {}, context);
        return drop(datagram, "not IKE version 2");
    }
    if (header->exchange == ExchangeType::ike_sa_init && !header->response)
        return on_call(datagram, *header);

    const IkeSpi own = header->initiator ? header->spi_r : header->spi_i;
    const IkeSpi others = header->initiator ? header->spi_i : header->spi_r;
    IkeSa* sa = sas.find(own);
    if (sa == nullptr) return on_unknown_spi(datagram, *header, own);
    const IkeSpi expected = sa->role == Role::initiator ? sa->spi_r : sa->spi_i;
    if (expected != others && expected != IkeSpi(0))
        return drop(datagram, "its other SPI is wrong");
    sa->receive(*header, datagram, context);
    settle(own);
}

/// Perhaps of an IKE SA that has just ended, whose last answer was lost.
void Engine::Parts::on_unknown_spi(const DatagramReceived& datagram, const wire::Header& header,
                                   IkeSpi own) {
    const Datagrams* answer =
        header.response ? nullptr : last_words.answer(own, datagram, context.now.boottime);
    if (answer == nullptr) return drop(datagram, "no IKE SA has its SPI");
    context.transmit(datagram.local, datagram.remote, *answer);
}

/// A first message: from somebody new, or once more from somebody whose answer was lost.
void Engine::Parts::on_call(DatagramReceived& datagram, const wire::Header& header) {
    if (header.spi_r != IkeSpi(0) || header.spi_i == IkeSpi(0) || !header.initiator ||
        header.message_id != MessageId(0))
        return drop(datagram, "not a first message");
    // Reflected to us, our own request would be answered with our own key (RFC 7296 section 2.15).
    if (sas.find(header.spi_i) != nullptr) return drop(datagram, "our own message came back");
    if (datagram.octets.size() > max_first_message)
        return drop(datagram, "too long a first message");
    if (IkeSa* sa = sas.find_call(datagram.remote, header.spi_i))
        return sa->receive(header, datagram, context);
    if (sas.is_answered(datagram.remote, header.spi_i, datagram.octets))
        return drop(datagram, "the first message of an established IKE SA");
    if (stopping || !config) return drop(datagram, "not ready for calls");
    const auto admission = doors.admit(datagram, header, sas, config->daemon);
    if (!admission) return;

    const auto candidates =
        context.tunnels.candidates(datagram.local.address, datagram.remote.address);
    auto sa = ike_sa_init::respond(
        {datagram, header, candidates, sas.new_spi(context.random), admission->longest_answer},
        context);
    if (!sa) return;
    ++context.tally.exchanges[ExchangeType::ike_sa_init].answered;
    sas.add(std::move(sa));
}

void Engine::Parts::drop(const DatagramReceived& datagram, const char* why) {
    Event event;
    event.kind = EventKind::message_dropped;
    event.severity = Severity::debug;
    event.message = fmt::format("dropped a message of {}: {}", datagram.remote.to_text(), why);
    event.peer = datagram.remote;
    context.emit(std::move(event));
}

// ---- Time --------------------------------------------------------------------------------------

void Engine::Parts::on(DeadlineReached) {
    while (const auto key = context.timers.take_due(context.now.boottime)) {
        on_timer(*key);
        on_reports();
    }
}

void Engine::Parts::on_timer(TimerKey key) {
    switch (key.timer) {
        case Timer::retransmit:
        case Timer::negotiate_timeout:
        case Timer::ike_rekey:
        case Timer::ike_expire:
        case Timer::ike_orphan:
        case Timer::liveness:
        case Timer::reassembly:
        case Timer::nat_keepalive:
            if (IkeSa* sa = sas.find(IkeSpi(key.owner))) {
                sa->on_timer(key.timer, context);
                settle(IkeSpi(key.owner));
            }
            return;
        case Timer::child_rekey:
        case Timer::child_expire:
            return on_child_timer(key.timer, EspSpi(static_cast<std::uint32_t>(key.owner)));
        case Timer::retired_sa:
            return context.retired_sas.on_timer(EspSpi(static_cast<std::uint32_t>(key.owner)),
                                                context);
        case Timer::give_up_acquire:
            return reconciler.on_acquire_timer(Reqid(static_cast<std::uint32_t>(key.owner)));
        case Timer::surplus:
            if (!stopping) reconciler.on_surplus_timer(IkeSpi(key.owner));
            return;
        case Timer::auto_negotiate:
            if (const auto tunnel = context.tunnels.find(key.owner)) reconciler.tick(tunnel);
            return;
        case Timer::kernel_audit: return audit.on_timer();
        case Timer::doors_report: return doors.on_timer();
        case Timer::stop: stop_grace_over = true; return;
    }
}

// ---- Configuration and commands ----------------------------------------------------------------

void Engine::Parts::on(LeftBehind& left) {
    for (const xfrm::PolicyStatus& policy : left.policies)
        context.policies.adopt(policy);
    setup.adopt(std::move(left.devices));
}

void Engine::Parts::on(ConfigApplied& applied) {
    if (stopping) return;
    const auto running = std::exchange(config, std::move(applied.config));
    context.kernel_lacks = std::move(applied.kernel_lacks);
    context.offload_takes = std::move(applied.offload_takes);
    Reload reload(context, setup, reconciler);
    reload.apply(running ? *running : config::Config{}, *config);
    if (running) return tell_reload(*running, *config, context);
    std::vector<xfrm::Operation> nobodys;
    xfrm::append(nobodys, context.policies.drop_adopted());
    if (!nobodys.empty()) context.request(Removal{}, std::move(nobodys));
    audit.start();
    tell_start(*config, context);
}

void Engine::Parts::on(const NameResolved& answer) {
    if (!stopping) reconciler.on_name_resolved(answer);
}

void Engine::Parts::on(const CommandUp& command) {
    if (stopping) return;
    if (const auto tunnel = context.tunnels.find(command.phase1))
        reconciler.up(tunnel, command.phase2);
}

void Engine::Parts::on(const CommandDown& command) {
    const auto tunnel = context.tunnels.find(command.phase1);
    if (!tunnel) return;
    reconciler.down(tunnel);
    close_all(*tunnel, Reason::stopped);
}

void Engine::Parts::on(const CommandRekey& command) {
    const auto tunnel = context.tunnels.find(command.phase1);
    if (!tunnel) return;
    for (IkeSpi spi : std::set(tunnel->ike_sas))
        if (IkeSa* sa = sas.find(spi)) lifetimes::rekey(*sa, command.phase2, context);
}

void Engine::Parts::on(const CommandReadCounters& command) {
    const auto tunnel = context.tunnels.find(command.phase1);
    if (!tunnel) return;
    for (IkeSpi spi : tunnel->ike_sas) {
        const IkeSa* sa = sas.find(spi);
        if (sa != nullptr && context.now.boottime - sa->counters_read >= std::chrono::seconds(1))
            traffic::ask(*sa, context);
    }
}

void Engine::Parts::on(const TransmitFailed& failure) {
    for (const auto& tunnel :
         context.tunnels.between(failure.local.address, failure.remote.address))
        tunnel->send_failure = SendFailure{context.now.boottime, failure.error};
}

void Engine::Parts::on(CommandStop) {
    if (std::exchange(stopping, true)) return;
    audit.stop();
    context.timers.arm({Timer::stop, 0}, context.now.boottime + stop_grace);
    clear(Reason::stopped);
}

/// Ends every IKE SA, negotiations included, and takes all tunnels down.
void Engine::Parts::clear(Reason reason) {
    for (IkeSpi spi : sas.all()) {
        if (IkeSa* sa = sas.find(spi)) sa->close(reason, context);
        settle(spi);
    }
    for (const auto& [name, tunnel] : std::map(context.tunnels.by_name())) {
        reconciler.stop(*tunnel);
        setup.leave(*tunnel);
    }
    context.retired_sas.flush(context);
}

void Engine::Parts::close_all(const Tunnel& tunnel, Reason reason) {
    for (IkeSpi spi : std::set(tunnel.ike_sas)) {
        if (IkeSa* sa = sas.find(spi)) sa->close(reason, context);
        settle(spi);
    }
}

// ---- After each change -------------------------------------------------------------------------

/// The peer of a new IKE SA remembers no other one: they are gone, no use to talk about it.
void Engine::Parts::on_initial_contacts() {
    for (IkeSpi newest : std::exchange(context.initial_contacts, {})) {
        const IkeSa* sa = sas.find(newest);
        if (sa == nullptr) continue;
        for (IkeSpi spi : reconciler.same_peer(*sa)) {
            IkeSa* old = spi == newest ? nullptr : sas.find(spi);
            if (old == nullptr) continue;
            // What was settled after the peer began to call is what it remembers best.
            if (!old->is_established() || old->established_at > sa->began) continue;
            old->remove(Reason::replaced, "the peer has forgotten this IKE SA (INITIAL_CONTACT)",
                        context);
            settle(spi);
        }
    }
}

void Engine::Parts::settle(IkeSpi spi) {
    IkeSa* sa = sas.find(spi);
    if (sa == nullptr) return;
    const std::shared_ptr<Tunnel> tunnel = sa->tunnel;
    // A responder's tunnel is known for good once the peer has proved its identity.
    if (sa->role == Role::responder && sa->state_name() > StateName::init_answered &&
        !sa->is_dead())
        tunnel->ike_sas.insert(spi);
    const auto dead = sas.settle(spi);
    if (!dead) return;
    // Strangers have no last words: theirs would push those of peers out.
    if (!dead->is_stranger())
        last_words.keep(spi, dead->window, dead->answer_path.remote.address, context.now.boottime);
    // Callers that never proved who they are have no say in what the tunnel does next.
    if (tunnel->ike_sas.erase(spi) > 0)
        context.reports.emplace_back(
            IkeSaGone{tunnel, spi, dead->established_at != Instant{}, std::move(dead->ending)});
}

void Engine::Parts::on_reports() {
    while (!context.reports.empty() || !context.unsettled.empty()) {
        for (IkeSpi spi : std::exchange(context.unsettled, {}))
            settle(spi);
        if (context.reports.empty()) continue;
        const Report report = std::move(context.reports.front());
        context.reports.pop_front();
        if (!stopping) reconciler.on_report(report);
    }
}

}  // namespace xfrmd::ike
