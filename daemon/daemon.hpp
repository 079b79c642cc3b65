// xfrmd at work: from the first read of the configuration to the last packet.
//
// Start: configuration, machine, sweep, probe, sockets into the loop, READY=1. Then the loop: each
// source turns what it reads into inputs for the driver.
#pragma once

#include "crypto/library.hpp"
#include "daemon/configuration.hpp"
#include "daemon/control_server.hpp"
#include "daemon/control_service.hpp"
#include "daemon/device_features.hpp"
#include "daemon/driver.hpp"
#include "daemon/journal.hpp"
#include "daemon/kernel_probe.hpp"
#include "daemon/loop_source.hpp"
#include "daemon/machine.hpp"
#include "daemon/metrics_server.hpp"
#include "daemon/offload_probe.hpp"
#include "daemon/options.hpp"
#include "daemon/route_watch.hpp"
#include "daemon/system_random.hpp"
#include "ike/engine.hpp"

namespace xfrmd::daemon {

class Daemon {
  public:
    Daemon(const Options& options, Machine machine, Journal& journal);
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Puts everything into the loop and applies the configuration.
    std::expected<void, Failure> start(const Configuration& configuration);
    /// Until a signal ends it.
    ExitCode run();

  private:
    std::expected<void, Failure> register_sources();
    void sweep_leftovers(const config::Config& config);
    void apply(const Configuration& configuration);
    std::expected<void, Failure> start_control();
    ReloadReport reload();
    PlanReport plan() const;
    OffloadSurvey survey();
    std::vector<ike::OffloadTake> find_takes(const config::Config& config);
    DeviceState look_at(const std::string& device);
    void let_read(const std::string& group);
    void serve_metrics(const std::string& place);
    void try_metrics_later();
    std::string listen_for_metrics(const std::string& place);
    void terminate();
    void read_socket(UdpSocket& socket);
    void read_kernel_events();
    void read_interfaces();
    void watch_routes();
    void read_routes();
    void tell_routes_soon();
    void read_names();
    void report_status();
    std::string status() const;
    void tell(NoticeKind kind, ike::Severity severity, std::string message);

    Options options_;
    Machine machine_;
    Journal& journal_;
    SystemRandom random_;
    crypto::Library library_;
    ike::Engine engine_;
    Driver driver_;
    KernelProbe probe_;
    DeviceFeatures features_;
    OffloadProbe offload_probe_;
    ControlService service_;
    std::optional<ControlServer> control_;
    std::optional<MetricsServer> metrics_;
    std::string metrics_place_;    ///< where they are served; empty: nowhere
    std::string metrics_refusal_;  ///< why they are not; told once
    std::optional<LoopSource> metrics_retry_;
    std::optional<RouteWatch> routes_;
    std::optional<LoopSource> routes_source_;
    std::optional<LoopSource> routes_pause_;  ///< changes are told when it is over
    std::size_t tunnels_ = 0;
    std::shared_ptr<const config::Config> applied_;
    std::string reported_status_;
    std::string
        refused_;  ///< what is wrong with the files since they were read last; empty: nothing
};

/// The whole life of the service.
ExitCode run_daemon(const Options& options);

}  // namespace xfrmd::daemon
