#include "support/gateway.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace xfrmd::test {
namespace {

/// What the daemon does at its start: policies that bear our numbers block from now on, SAs go;
/// devices of configured tunnels stay.
ike::LeftBehind sweep(FakeKernel& kernel, const std::shared_ptr<const config::Config>& config) {
    ike::LeftBehind left;
    std::vector<xfrm::Operation> operations;
    for (const xfrm::PolicyStatus& policy : kernel.dump_policies()) {
        if (!xfrm::is_own(policy)) continue;
        operations.emplace_back(xfrm::blocking(policy));
        left.policies.push_back(policy);
    }
    for (const xfrm::SaStatus& sa : kernel.dump_sas())
        if (xfrm::is_own(sa.reqid))
            operations.emplace_back(xfrm::DeleteSa{sa.source, sa.destination, sa.spi});
    for (const auto& [name, interface] : kernel.interfaces())
        if (config && config->has_device(name))
            left.devices.push_back({name, interface.if_id, interface.underlay_index});
        else
            operations.emplace_back(xfrm::DeleteInterface{name, interface.if_id});
    kernel.run(operations);
    return left;
}

}  // namespace

Gateway::Gateway(std::string name, const IpAddress& address, const crypto::Library& library,
                 std::uint64_t seed, ike::EngineOptions options)
    : name(std::move(name)),
      address(address),
      library_(library),
      random_(seed),
      options_(options),
      interfaces_{{{"eth0", 2, 1500, true, {address}}}} {}

void Gateway::configure(std::vector<config::Phase1> phase1s, ike::Now now) {
    auto config = std::make_shared<config::Config>();
    for (config::Phase1& phase1 : phase1s)
        config->phase1s.push_back(std::make_shared<const config::Phase1>(std::move(phase1)));
    handle(ike::ConfigApplied{std::move(config), {}}, now);
}

void Gateway::handle(ike::Input input, ike::Now now) {
    remember(input);
    engine().handle(std::move(input), now);
    while (auto output = engine_->poll_output())
        take(std::move(*output), now);
    if (!kernel_waits) answer_kernel(now);
    answer_names(now);
}

void Gateway::remember(const ike::Input& input) {
    if (const auto* change = std::get_if<ike::InterfacesChanged>(&input)) interfaces_ = *change;
    if (const auto* applied = std::get_if<ike::ConfigApplied>(&input)) configuration_ = *applied;
}

void Gateway::take(ike::Output output, ike::Now now) {
    if (auto* transmit = std::get_if<ike::Transmit>(&output)) {
        sent.push_back(std::move(*transmit));
    } else if (const auto* keepalive = std::get_if<ike::NatKeepalive>(&output)) {
        keepalive_times.push_back(now.boottime);
        sent.push_back({keepalive->local, keepalive->remote, Bytes{0xff}});
    } else if (auto* request = std::get_if<ike::KernelRequest>(&output)) {
        waiting_requests.push_back(std::move(*request));
    } else if (std::holds_alternative<ike::ReadKernel>(output)) {
        kernel_is_read_ = true;
        ++kernel_reads;
    } else if (auto* question = std::get_if<ike::ResolveName>(&output)) {
        questions_.push_back(std::move(*question));
        ++names_asked;
    } else if (auto* keys = std::get_if<ike::KeyLog>(&output)) {
        key_logs.push_back(std::move(*keys));
    } else if (auto* event = std::get_if<ike::Event>(&output)) {
        events.push_back(std::move(*event));
        event_times.push_back(now.boottime);
    }
}

void Gateway::answer_kernel(ike::Now now) {
    while (!waiting_requests.empty()) {
        const ike::KernelRequest request = std::move(waiting_requests.front());
        waiting_requests.pop_front();
        handle(ike::KernelReply{request.ticket, kernel.run(request.operations)}, now);
    }
    if (std::exchange(kernel_is_read_, false))
        handle(ike::KernelTables{true, kernel.dump_sas(), kernel.dump_policies()}, now);
}

void Gateway::answer_names(ike::Now now) {
    while (!questions_.empty()) {
        const ike::ResolveName question = std::move(questions_.front());
        questions_.pop_front();
        ike::NameResolved answer{question.tunnel, question.name, {}, {}};
        if (const auto found = names.find(question.name); found != names.end())
            answer.addresses.push_back(found->second);
        else
            answer.error = question.name + " has no address";
        handle(std::move(answer), now);
    }
}

void Gateway::crash() {
    engine_.reset();
    questions_.clear();
    waiting_requests.clear();
    kernel_is_read_ = false;
    sent.clear();
}

void Gateway::lose_power() {
    crash();
    kernel = FakeKernel{};
    has_power_ = false;
}

void Gateway::start(ike::Now now) {
    has_power_ = true;
    ike::LeftBehind left = sweep(kernel, configuration_.config);
    engine_.emplace(library_, random_, options_);
    handle(std::move(left), now);
    handle(interfaces_, now);
    if (configuration_.config) handle(configuration_, now);
}

ike::Engine& Gateway::engine() {
    if (!engine_) throw std::logic_error(name + " is not running");
    return *engine_;
}

const ike::Engine& Gateway::engine() const {
    if (!engine_) throw std::logic_error(name + " is not running");
    return *engine_;
}

std::optional<Instant> Gateway::next_deadline() const {
    return engine_ ? engine_->next_deadline() : std::nullopt;
}

const ike::Event* Gateway::last_event(ike::EventKind kind) const {
    const auto found = std::find_if(events.rbegin(), events.rend(),
                                    [kind](const ike::Event& event) { return event.kind == kind; });
    return found == events.rend() ? nullptr : &*found;
}

std::size_t Gateway::count_events(ike::EventKind kind) const {
    return static_cast<std::size_t>(std::ranges::count(events, kind, &ike::Event::kind));
}

std::vector<ike::Reason> Gateway::reasons() const {
    std::vector<ike::Reason> result;
    for (const ike::Event& event : events)
        if (event.reason) result.push_back(*event.reason);
    return result;
}

bool Gateway::logged(std::string_view text) const {
    return std::ranges::any_of(events, [text](const ike::Event& event) {
        return event.message.find(text) != std::string::npos;
    });
}

}  // namespace xfrmd::test
