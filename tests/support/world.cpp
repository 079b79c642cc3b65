#include "support/world.hpp"

#include <algorithm>
#include <stdexcept>

namespace xfrmd::test {
namespace {

IpAddress address(const std::string& text) {
    const auto parsed = IpAddress::from_text(text);
    if (!parsed) throw std::invalid_argument("not an address: " + text);
    return *parsed;
}

std::vector<IpRange> ranges(const std::vector<std::string>& subnets) {
    std::vector<IpRange> result;
    for (const std::string& text : subnets)
        result.push_back(Subnet::from_text(text).value().range());
    return result;
}

}  // namespace

TunnelSpec TunnelSpec::mirrored() const {
    TunnelSpec other = *this;
    std::swap(other.local, other.remote);
    std::swap(other.local_subnets, other.remote_subnets);
    other.auto_negotiate = false;
    return other;
}

config::Phase1 TunnelSpec::phase1() const {
    config::Phase1 phase1;
    phase1.name = name;
    phase1.route_based = route_based;
    phase1.interface = "eth0";
    phase1.ip_version = address(local).family();
    phase1.remote_gateway = address(remote);
    phase1.proposals = ike;
    phase1.key_exchanges = groups;
    phase1.psk = phase1.psk_remote = std::make_shared<const Secret>(as_bytes(psk));
    config::Phase2 phase2;
    phase2.name = name + "-net";
    phase2.proposals = esp;
    phase2.auto_negotiate = phase2.keepalive = auto_negotiate;
    phase2.selectors.local = ranges(local_subnets);
    phase2.selectors.remote = ranges(remote_subnets);
    phase1.phase2s.push_back(std::move(phase2));
    return phase1;
}

config::Identity fqdn(std::string name) {
    return {wire::IdType::fqdn, to_bytes(as_bytes(name)), name};
}

Gateway::Gateway(std::string name, const crypto::Library& library, std::uint64_t seed,
                 ike::EngineOptions options)
    : name(std::move(name)), random_(seed), engine_(library, random_, options) {}

void Gateway::configure(std::vector<config::Phase1> phase1s, ike::Now now) {
    auto config = std::make_shared<config::Config>();
    for (config::Phase1& phase1 : phase1s)
        config->phase1s.push_back(std::make_shared<const config::Phase1>(std::move(phase1)));
    handle(ike::ConfigApplied{std::move(config), {}}, now);
}

void Gateway::handle(ike::Input input, ike::Now now) {
    engine_.handle(std::move(input), now);
    while (auto output = engine_.poll_output()) {
        if (auto* transmit = std::get_if<ike::Transmit>(&*output))
            sent.push_back(std::move(*transmit));
        else if (auto* request = std::get_if<ike::KernelRequest>(&*output))
            waiting_requests.push_back(std::move(*request));
        else if (auto* event = std::get_if<ike::Event>(&*output))
            events.push_back(std::move(*event));
        else if (auto* keys = std::get_if<ike::KeyLog>(&*output))
            key_logs.push_back(std::move(*keys));
    }
    if (!kernel_waits) answer_kernel(now);
}

void Gateway::answer_kernel(ike::Now now) {
    while (!waiting_requests.empty()) {
        const ike::KernelRequest request = std::move(waiting_requests.front());
        waiting_requests.pop_front();
        handle(ike::KernelReply{request.ticket, kernel.run(request.operations)}, now);
    }
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

Gateway& World::add(std::string name, const std::string& text, ike::EngineOptions options) {
    gateways_.push_back(std::make_unique<Gateway>(std::move(name), library_,
                                                  seed_ * 1000 + gateways_.size(), options));
    addresses_.push_back(address(text));
    gateways_.back()->handle(ike::InterfacesChanged{{{"eth0", 2, 1500, true, {addresses_.back()}}}},
                             now());
    return *gateways_.back();
}

void World::collect() {
    for (const auto& gateway : gateways_) {
        while (!gateway->sent.empty()) {
            ike::Transmit datagram = std::move(gateway->sent.front());
            gateway->sent.pop_front();
            traffic.push_back({now_, datagram});
            if (!filter || filter(datagram))
                flights_.push_back({now_ + latency, std::move(datagram)});
        }
    }
}

void World::deliver(const ike::Transmit& datagram) {
    for (std::size_t i = 0; i < gateways_.size(); ++i)
        if (addresses_[i] == datagram.remote.address)
            gateways_[i]->handle(
                ike::DatagramReceived{datagram.remote, datagram.local, datagram.octets}, now());
}

bool World::step() {
    collect();
    if (flights_.empty()) return false;
    const Flight flight = std::move(flights_.front());
    flights_.pop_front();
    now_ = std::max(now_, flight.arrives);
    deliver(flight.datagram);
    collect();
    return true;
}

std::optional<Instant> World::next_event() const {
    std::optional<Instant> next;
    const auto consider = [&next](std::optional<Instant> at) {
        if (at && (!next || *at < *next)) next = at;
    };
    if (!flights_.empty()) consider(flights_.front().arrives);
    for (const auto& gateway : gateways_)
        consider(gateway->engine().next_deadline());
    return next;
}

void World::advance_to(Instant at) {
    now_ = std::max(now_, at);
    while (!flights_.empty() && flights_.front().arrives <= now_)
        step();
    for (const auto& gateway : gateways_) {
        const auto deadline = gateway->engine().next_deadline();
        if (deadline && *deadline <= now_) gateway->handle(ike::DeadlineReached{}, now());
    }
    collect();
}

void World::run_for(Duration duration) {
    run_until([] { return false; }, duration);
}

bool World::run_until(const std::function<bool()>& condition, Duration limit) {
    const Instant end = now_ + limit;
    collect();
    while (!condition()) {
        const auto next = next_event();
        if (!next || *next > end) {
            now_ = end;
            return condition();
        }
        advance_to(*next);
    }
    return true;
}

Pair::Pair(const config::Phase1& west_phase1, const config::Phase1& east_phase1, std::uint64_t seed)
    : world(seed),
      west(world.add("west", "192.0.2.1", {.log_keys = true})),
      east(world.add("east", "192.0.2.2", {.log_keys = true})) {
    west.configure({west_phase1}, world.now());
    east.configure({east_phase1}, world.now());
}

Pair::Pair(const TunnelSpec& spec) : Pair(spec.phase1(), spec.mirrored().phase1()) {}

bool Pair::connect() {
    west.handle(ike::CommandUp{"tunnel", ""}, world.now());
    return world.run_until([this] { return is_up(); });
}

bool Pair::is_up() {
    const auto half = [](const FakeKernel& kernel, xfrm::Direction direction) {
        const HeldSa* found = nullptr;
        for (const auto& [id, sa] : kernel.sas())
            if (sa.install.direction == direction) found = &sa;
        return found;
    };
    const HeldSa* west_out = half(west.kernel, xfrm::Direction::out);
    const HeldSa* west_in = half(west.kernel, xfrm::Direction::in);
    const HeldSa* east_out = half(east.kernel, xfrm::Direction::out);
    const HeldSa* east_in = half(east.kernel, xfrm::Direction::in);
    return west_out && west_in && east_out && east_in &&
           same_protection(west_out->install, east_in->install) &&
           same_protection(east_out->install, west_in->install) &&
           west.engine().half_open_count() == 0 && east.engine().half_open_count() == 0;
}

}  // namespace xfrmd::test
