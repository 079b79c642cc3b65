#include "daemon/daemon.hpp"

#include <fmt/format.h>
#include <net/if.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>

#include "base/try.hpp"
#include "daemon/clock.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/startup_sweep.hpp"
#include "daemon/stream_listener.hpp"

namespace xfrmd::daemon {
namespace {

using ike::Severity;

/// Datagrams from one socket in one turn of the loop: a flood on one port does not keep timers,
/// the kernel's events and the other ports waiting.
constexpr int datagrams_per_turn = 32;
/// Between tries to serve metrics where that is refused.
constexpr std::chrono::seconds metrics_patience{5};

void tell_problems(Journal& journal, const Configuration& configuration) {
    const auto tell = [&](Severity severity, const std::string& line) {
        journal.write(
            Notice{
                .kind = NoticeKind::configuration_problem, .severity = severity, .message = line},
            boottime_now());
    };
    for (const std::string& line : configuration.errors)
        tell(Severity::error, line);
    for (const std::string& line : configuration.warnings)
        tell(Severity::warning, line);
}

Configuration load_for_service(const Options& options) {
    return load_configuration(read_configuration(options.config), Credentials::required);
}

ExitCode give_up(Journal& journal, const Failure& failure) {
    journal.write(
        Notice{.kind = NoticeKind::failed, .severity = Severity::error, .message = failure.message},
        boottime_now());
    notify_status(failure.message);
    return failure.code;
}

/// Keys are in the memory of this process: nobody gets it as a core file or through ptrace.
void forbid_memory_dumps() {
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

}  // namespace

Daemon::Daemon(const Options& options, Machine machine, Journal& journal)
    : options_(options),
      machine_(std::move(machine)),
      journal_(journal),
      engine_(library_, random_, {.log_keys = machine_.key_log.has_value()}),
      driver_(engine_, machine_.loop,
              {.sockets = machine_.sockets,
               .kernel = machine_.requests,
               .names = machine_.names,
               .journal = journal,
               .key_log = machine_.key_log ? &*machine_.key_log : nullptr,
               .watchers =
                   [this](const ike::Event& event) {
                       if (control_) control_->publish(event);
                   }}),
      probe_(machine_.requests, random_),
      offload_probe_(
          [this](std::span<const xfrm::Operation> asked) { return machine_.requests.run(asked); },
          [this](const std::string& device) { return look_at(device); }, random_),
      service_(engine_, journal,
               {.feed = [this](ike::Input input) { driver_.feed(std::move(input)); },
                .is_stopping = [this] { return driver_.is_stopping(); },
                .reload = [this] { return reload(); },
                .loop_delay = [this] { return driver_.delay(); },
                .plan = [this] { return plan(); },
                .survey = [this] { return survey(); }}) {}

std::expected<void, Failure> Daemon::start(const Configuration& configuration) {
    for (const auto& warnings : {machine_.sockets.warnings(), machine_.warnings})
        for (const std::string& warning : warnings)
            tell(NoticeKind::feature_missing, Severity::warning, warning);
    if (options_.key_log)
        tell(NoticeKind::key_log_enabled, Severity::warning,
             fmt::format("all keys of IKE are written to {}: whoever reads it reads the traffic",
                         options_.key_log->native()));
    XFRMD_TRY(register_sources());
    XFRMD_TRY(start_control());
    sweep_leftovers(*configuration.config);
    read_interfaces();
    apply(configuration);
    tell(NoticeKind::started, Severity::info, "xfrmd " XFRMD_VERSION " has started");
    reported_status_ = status();
    notify_ready(reported_status_);
    return {};
}

ExitCode Daemon::run() {
    while (machine_.loop.run_once())
        report_status();
    journal_.settle(boottime_now());
    if (driver_.is_stopping()) return ExitCode::ok;
    return give_up(journal_, {ExitCode::failure, "the event loop is broken"});
}

std::expected<void, Failure> Daemon::register_sources() {
    EventLoop& loop = machine_.loop;
    for (const int signal : {SIGTERM, SIGINT})
        XFRMD_TRY(loop.on_signal(signal, [this] { terminate(); }));
    XFRMD_TRY(loop.on_signal(SIGHUP, [this] { reload(); }));
    XFRMD_TRY(loop.on_deadline([this] { driver_.on_deadline(); }));
    XFRMD_TRY(loop.on_readable(machine_.events.descriptor(), [this] { read_kernel_events(); }));
    XFRMD_TRY(loop.on_readable(machine_.interfaces.descriptor(), [this] { read_interfaces(); }));
    XFRMD_TRY(loop.on_readable(machine_.names.descriptor(), [this] { read_names(); }));
    for (UdpSocket& socket : machine_.sockets.sockets())
        XFRMD_TRY(loop.on_readable(socket.descriptor(), [this, &socket] { read_socket(socket); }));
    return loop.watch();
}

std::expected<void, Failure> Daemon::start_control() {
    if (!machine_.control.is_open()) return {};
    control_.emplace(machine_.loop, std::move(machine_.control),
                     [this](const control::Call& call, const Peer& peer) {
                         return service_.answer(call, peer);
                     });
    return control_->start();
}

/// Members of the group may read; without a name nobody but root may do anything.
void Daemon::let_read(const std::string& group) {
    if (!control_) return;
    const auto number = group.empty() ? std::nullopt : find_group(group);
    if (!group.empty() && !number)
        tell(NoticeKind::feature_missing, Severity::warning,
             fmt::format("there is no group {}: only root may use the control socket", group));
    control_->set_readers(number);
    if (machine_.control_is_inherited) return;  // its unit says who may connect
    if (const std::string refusal = let_connect(options_.control, number.has_value());
        !refusal.empty())
        tell(NoticeKind::feature_missing, Severity::warning, refusal);
}

/// On a path or a port; what cannot be had is told, and nobody's tunnel suffers.
void Daemon::serve_metrics(const std::string& place) {
    if (place == metrics_place_) return;
    metrics_.reset();
    metrics_place_.clear();
    metrics_retry_.reset();
    const std::string refusal = place.empty() ? std::string() : listen_for_metrics(place);
    if (refusal.empty())
        metrics_place_ = place;
    else
        try_metrics_later();
    if (refusal == metrics_refusal_) return;
    metrics_refusal_ = refusal;
    if (!refusal.empty())
        tell(NoticeKind::feature_missing, Severity::warning, "no metrics for now: " + refusal);
}

/// The address may come, or whoever has the port may go. The kernel tells of an address a moment
/// before one may listen there, so that being told is not enough.
void Daemon::try_metrics_later() {
    auto retry = LoopSource::ticking(machine_.loop, metrics_patience, [this] {
        if (applied_) serve_metrics(applied_->daemon.metrics);
    });
    if (retry) metrics_retry_ = *std::move(retry);
}

/// What went wrong, or nothing.
std::string Daemon::listen_for_metrics(const std::string& place) {
    auto listener = place.starts_with('/') ? listen_at_path(place) : listen_at_port(place);
    if (!listener) return listener.error();
    metrics_.emplace(machine_.loop, *std::move(listener), [this] { return service_.scrape(); });
    const auto started = metrics_->start();
    return started ? std::string() : started.error().message;
}

void Daemon::sweep_leftovers(const config::Config& config) {
    SweepReport report = sweep(machine_.requests, machine_.interfaces.table(), config);
    if (report.found_something())
        tell(
            NoticeKind::leftovers_removed, Severity::notice,
            fmt::format("removed what an earlier run left in the kernel: {} SAs, {} interfaces; {} "
                        "policies block until they are replaced",
                        report.sas, report.interfaces, report.policies));
    for (const std::string& refusal : report.refusals)
        tell(NoticeKind::leftovers_removed, Severity::warning,
             fmt::format("cannot remove what an earlier run left: {}", refusal));
    driver_.feed(std::move(report.left));
}

void Daemon::apply(const Configuration& configuration) {
    tell_problems(journal_, configuration);
    ProbeResult kernel = probe_.probe(*configuration.config);
    for (const std::string& warning : kernel.warnings)
        tell(NoticeKind::algorithm_missing, Severity::warning, warning);
    tunnels_ = configuration.config->phase1s.size();
    applied_ = configuration.config;
    let_read(configuration.config->daemon.control_group);
    metrics_refusal_.clear();
    serve_metrics(configuration.config->daemon.metrics);
    driver_.feed(ike::ConfigApplied{.config = configuration.config,
                                    .kernel_lacks = std::move(kernel.lacking),
                                    .offload_takes = find_takes(*configuration.config)});
}

ReloadReport Daemon::reload() {
    if (driver_.is_stopping()) return {};
    notify_reloading();
    machine_.names.renew();
    const Configuration configuration = load_for_service(options_);
    refused_.clear();
    if (configuration.config) {
        apply(configuration);
    } else {
        refused_ = configuration.errors.front();
        tell_problems(journal_, configuration);
        tell(NoticeKind::configuration_refused, Severity::error,
             "the configuration is wrong: nothing of it is applied, the one before stays");
    }
    reported_status_ = status();
    notify_ready(reported_status_);
    return {.errors = configuration.errors, .warnings = configuration.warnings};
}

PlanReport Daemon::plan() const {
    const Configuration loaded = load_for_service(options_);
    PlanReport report{.errors = loaded.errors, .warnings = loaded.warnings, .difference = {}};
    if (loaded.config && applied_) report.difference = config::diff(*applied_, *loaded.config);
    return report;
}

/// Trials cost time, so only who wants to prefer pays for them.
std::vector<ike::OffloadTake> Daemon::find_takes(const config::Config& config) {
    std::vector<std::shared_ptr<const config::Phase1>> preferring;
    std::ranges::copy_if(config.phase1s, std::back_inserter(preferring),
                         [](const auto& phase1) { return phase1->offload_prefer_suites; });
    return find_offload_takes(offload_probe_, preferring);
}

OffloadSurvey Daemon::survey() {
    static const std::vector<std::shared_ptr<const config::Phase1>> none;
    return OffloadSurvey(offload_probe_, applied_ ? applied_->phase1s : none);
}

DeviceState Daemon::look_at(const std::string& device) {
    return {.index = if_nametoindex(device.c_str()),
            .announces = features_.offers_esp_offload(device),
            .driver = features_.driver(device)};
}

void Daemon::terminate() {
    if (driver_.is_stopping()) {
        machine_.loop.finish();
        return;
    }
    tell(NoticeKind::stopping, Severity::info, "xfrmd is stopping");
    notify_stopping();
    driver_.stop();
}

void Daemon::read_socket(UdpSocket& socket) {
    for (int i = 0; i < datagrams_per_turn; ++i) {
        Reception reception = socket.receive();
        if (std::holds_alternative<Empty>(reception)) return;
        if (auto* datagram = std::get_if<ike::DatagramReceived>(&reception))
            driver_.feed(std::move(*datagram));
    }
}

void Daemon::read_kernel_events() {
    for (xfrm::Event& event : machine_.events.read()) {
        if (std::holds_alternative<xfrm::StateUncertain>(event))
            tell(NoticeKind::kernel_events_lost, Severity::warning,
                 "somebody else changed our state in the kernel, or its events got lost");
        driver_.feed(std::move(event));
    }
}

void Daemon::read_interfaces() {
    auto changed = machine_.interfaces.read();
    if (machine_.interfaces.take_carrier_return() && routes_) tell_routes_soon();
    if (!changed) return;
    machine_.sockets.learn_scopes(changed->interfaces);
    if (std::ranges::any_of(changed->interfaces, &ike::Interface::esp_offload)) watch_routes();
    driver_.feed(*std::move(changed));
    // Perhaps the address has come by now.
    if (applied_) serve_metrics(applied_->daemon.metrics);
}

/// Routes matter to those who offload, and there can be a million of them that come and go.
void Daemon::watch_routes() {
    if (routes_) return;
    auto routes = RouteWatch::open();
    if (!routes)
        return tell(NoticeKind::feature_missing, Severity::warning,
                    "cannot watch the routes of offloaded SAs: " + routes.error());
    routes_ = *std::move(routes);
    auto source = LoopSource::of_descriptor(machine_.loop, routes_->descriptor(),
                                            [this](Readiness) { read_routes(); });
    if (source) routes_source_ = *std::move(source);
}

void Daemon::read_routes() {
    if (routes_->read()) tell_routes_soon();
}

void Daemon::tell_routes_soon() {
    if (routes_pause_) return;
    auto pause = LoopSource::ticking(machine_.loop, RouteWatch::pause, [this] {
        routes_pause_.reset();
        driver_.feed(ike::RoutesChanged{});
    });
    if (pause) routes_pause_ = *std::move(pause);
}

void Daemon::read_names() {
    for (ike::NameResolved& answer : machine_.names.read())
        driver_.feed(std::move(answer));
}

void Daemon::report_status() {
    if (driver_.is_stopping()) return;
    std::string now = status();
    if (now == reported_status_) return;
    notify_status(now);
    reported_status_ = std::move(now);
}

std::string Daemon::status() const {
    std::string tunnels =
        fmt::format("{} of {} tunnels up, {} in negotiation", engine_.established_count(), tunnels_,
                    engine_.half_open_count());
    if (refused_.empty()) return tunnels;
    return fmt::format("configuration refused: {}; {}", refused_, tunnels);
}

void Daemon::tell(NoticeKind kind, Severity severity, std::string message) {
    journal_.write(Notice{.kind = kind, .severity = severity, .message = std::move(message)},
                   boottime_now());
}

ExitCode run_daemon(const Options& options) {
    forbid_memory_dumps();
    signal(SIGPIPE, SIG_IGN);
    Journal journal = Journal::open();
    const Configuration configuration = load_for_service(options);
    if (!configuration.config) {
        tell_problems(journal, configuration);
        return give_up(journal, {ExitCode::configuration, "the configuration is wrong"});
    }
    auto machine = open_machine(options);
    if (!machine) return give_up(journal, machine.error());
    Daemon daemon(options, *std::move(machine), journal);
    if (auto started = daemon.start(configuration); !started)
        return give_up(journal, started.error());
    return daemon.run();
}

}  // namespace xfrmd::daemon
