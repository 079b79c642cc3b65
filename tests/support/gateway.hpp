// One engine with its kernel: what a machine with a running daemon is to the others.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ike/engine.hpp"
#include "support/fake_kernel.hpp"
#include "support/seeded_random.hpp"

namespace xfrmd::test {

/// One engine with its kernel. Kernel requests are answered at once, unless `kernel_waits`.
class Gateway {
  public:
    Gateway(std::string name, const IpAddress& address, const crypto::Library& library,
            std::uint64_t seed, ike::EngineOptions options = {});

    void configure(std::vector<config::Phase1> phase1s, ike::Now now);
    /// Throws if the engine is not running.
    void handle(ike::Input input, ike::Now now);

    /// Answers the kernel requests that wait.
    void answer_kernel(ike::Now now);

    // ---- Its life ----

    bool is_running() const { return engine_.has_value(); }
    bool has_power() const { return has_power_; }
    /// The engine is gone without a word, with all that it knew; the kernel goes on.
    void crash();
    /// The same, and the kernel stands still until start(), where it begins anew.
    void lose_power();
    /// A new engine, as the daemon starts one: takes what its predecessor left out of the kernel,
    /// learns the interfaces and the configuration that its predecessor had last.
    void start(ike::Now now);
    /// What it finds as its devices at the next start.
    void learn(std::vector<ike::Interface> interfaces) {
        interfaces_.interfaces = std::move(interfaces);
    }

    // ---- What it said ----

    const ike::Event* last_event(ike::EventKind kind) const;
    std::size_t count_events(ike::EventKind kind) const;
    /// The reason codes of all failures, in order.
    std::vector<ike::Reason> reasons() const;
    bool logged(std::string_view text) const;

    std::string name;
    IpAddress address;  ///< of its device eth0
    FakeKernel kernel;
    std::vector<ike::Event> events;    ///< of all engines that ran here
    std::vector<Instant> event_times;  ///< one for each of `events`
    std::vector<ike::KeyLog> key_logs;
    std::deque<ike::Transmit> sent;        ///< not yet taken by the network
    std::vector<Instant> keepalive_times;  ///< of NAT keepalives
    bool kernel_waits = false;
    std::deque<ike::KernelRequest> waiting_requests;
    /// What names of peers stand for here; questions are answered at once.
    std::map<std::string, IpAddress> names;
    std::size_t names_asked = 0;
    std::size_t kernel_reads = 0;  ///< how often it asked for the kernel's tables
    /// Packets on the sender's way out that no policy asked to protect.
    std::vector<Packet> left_in_clear;

    /// Throws if it is not running.
    ike::Engine& engine();
    const ike::Engine& engine() const;
    std::optional<Instant> next_deadline() const;
    /// The configuration that was applied last; none at first.
    const std::shared_ptr<const config::Config>& config() const { return configuration_.config; }

  private:
    void remember(const ike::Input& input);
    void take(ike::Output output, ike::Now now);
    void answer_names(ike::Now now);

    std::deque<ike::ResolveName> questions_;
    const crypto::Library& library_;
    SeededRandom random_;
    ike::EngineOptions options_;
    ike::InterfacesChanged interfaces_;
    ike::ConfigApplied configuration_;
    std::optional<ike::Engine> engine_;
    bool has_power_ = true;
    bool kernel_is_read_ = false;  ///< its tables are asked for
};

}  // namespace xfrmd::test
