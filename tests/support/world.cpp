#include "support/world.hpp"

#include <algorithm>
#include <utility>

namespace xfrmd::test {
namespace {

/// Keeps the network's chances apart from those of the gateways, whose seeds are near by.
constexpr std::uint64_t network_seed_mask = 0x6e657477'6f726b00;

const Bytes nat_keepalive{0xff};

}  // namespace

World::World(std::uint64_t seed) : World(seed, std::make_shared<const crypto::Library>()) {}

World::World(std::uint64_t seed, std::shared_ptr<const crypto::Library> library)
    : network(seed ^ network_seed_mask), seed_(seed), library_(std::move(library)) {}

Gateway& World::add(std::string name, const std::string& text, ike::EngineOptions options) {
    gateways_.push_back(std::make_unique<Gateway>(std::move(name), address(text), *library_,
                                                  seed_ * 1000 + gateways_.size(), options));
    gateways_.back()->start(now());
    return *gateways_.back();
}

// ---- Datagrams ----

void World::collect() {
    for (const auto& gateway : gateways_) {
        while (!gateway->sent.empty()) {
            ike::Transmit datagram = std::move(gateway->sent.front());
            gateway->sent.pop_front();
            dispatch(*gateway, std::move(datagram));
        }
    }
}

void World::dispatch(Gateway& sender, ike::Transmit datagram) {
    record(datagram);
    if (filter && !filter(datagram)) return;
    network.leave(datagram, now_);
    if (!holds(sender)) return network.send(std::move(datagram), now_);
    const auto receiver = std::ranges::find(gateways_, datagram.remote.address,
                                            [](const auto& gateway) { return gateway->address; });
    letters_.push_back(
        {&sender, receiver == gateways_.end() ? nullptr : receiver->get(), std::move(datagram)});
}

void World::record(const ike::Transmit& datagram) {
    traffic.push_back({now_, datagram});
    if (traffic.size() >= traffic_limit * 2)
        traffic.erase(traffic.begin(), traffic.end() - static_cast<std::ptrdiff_t>(traffic_limit));
}

void World::deliver(ike::Transmit datagram) {
    // The kernel drops NAT keepalives.
    if (!network.reach(datagram, now_) || datagram.octets == nat_keepalive) return;
    for (const auto& gateway : gateways_)
        if (gateway->address == datagram.remote.address && gateway->is_running())
            gateway->handle(ike::DatagramReceived{datagram.remote, datagram.local, datagram.octets},
                            now());
}

bool World::step() {
    collect();
    if (network.empty()) return false;
    const Flight flight = network.take_next();
    now_ = std::max(now_, flight.arrives);
    deliver(flight.datagram);
    collect();
    return true;
}

bool World::holds(const Gateway& sender) const {
    return holds_all_ || std::ranges::find(held_senders_, &sender) != held_senders_.end();
}

const std::vector<Letter>& World::in_flight() {
    collect();
    return letters_;
}

std::string World::in_flight_text() {
    std::string text;
    for (const Letter& letter : in_flight())
        text += letter.summary() + "\n";
    return text;
}

bool World::deliver(const Pick& pick) {
    const auto place = pick.find(in_flight());
    if (!place) return false;
    const Letter letter = std::move(letters_[*place]);
    letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(*place));
    deliver(letter.datagram);
    collect();
    return true;
}

bool World::drop(const Pick& pick) {
    const auto place = pick.find(in_flight());
    if (place) letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(*place));
    return place.has_value();
}

void World::release_all() {
    collect();
    holds_all_ = false;
    held_senders_.clear();
    for (Letter& letter : std::exchange(letters_, {}))
        network.send(std::move(letter.datagram), now_);
}

// ---- Time ----

std::optional<Instant> World::next_event() const {
    std::optional<Instant> next = network.next_arrival();
    const auto consider = [&next](std::optional<Instant> at) {
        if (at && (!next || *at < *next)) next = at;
    };
    if (!agenda_.empty()) consider(agenda_.begin()->first);
    for (const auto& gateway : gateways_)
        consider(gateway->next_deadline());
    return next;
}

void World::advance_to(Instant at) {
    now_ = std::max(now_, at);
    while (!network.empty() && *network.next_arrival() <= now_)
        step();
    for (const auto& gateway : gateways_) {
        const auto deadline = gateway->next_deadline();
        if (deadline && *deadline <= now_) gateway->handle(ike::DeadlineReached{}, now());
    }
    while (!agenda_.empty() && agenda_.begin()->first <= now_)
        agenda_.extract(agenda_.begin()).mapped()();
    collect();
    if (after_each_event) after_each_event();
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

void World::after(Duration delay, std::function<void()> action) {
    agenda_.emplace(now_ + delay, std::move(action));
}

// ---- User traffic ----

PacketFate World::send(Gateway& from, Gateway& to, const Packet& packet,
                       std::string_view interface) {
    const auto sa = leave(from, packet, interface, now());
    if (!sa) return sa.error();
    if (network.is_cut(from.address, to.address, now_)) return PacketFate::cut_off;
    return network.has_nats() ? carry(to, (*sa)->install, packet)
                              : arrive(to, (*sa)->install, packet);
}

PacketFate World::carry(Gateway& to, const xfrm::InstallSa& sent, const Packet& packet) {
    const auto ports = sent.encapsulation.value_or(xfrm::Encapsulation{});
    ike::Transmit outer{
        {sent.source, ports.source_port}, {sent.destination, ports.destination_port}, {}};
    network.leave(outer, now_);
    if (!network.reach(outer, now_) || outer.remote.address != to.address)
        return PacketFate::astray;
    // A NAT of ours knows UDP alone.
    const bool was_changed =
        outer.local.address != sent.source || outer.remote.address != sent.destination;
    if (was_changed && !sent.encapsulation) return PacketFate::astray;
    const PacketFate fate = arrive(to, sent, packet);
    if (fate == PacketFate::delivered) tell_mapping(to, sent.spi, outer.local);
    return fate;
}

void World::tell_mapping(Gateway& to, EspSpi spi, const Endpoint& source) {
    const HeldSa* sa = to.kernel.find(spi, xfrm::Direction::in);
    if (sa == nullptr || !sa->install.encapsulation || !to.is_running()) return;
    const Endpoint known{sa->install.source, sa->install.encapsulation->source_port};
    if (known != source)
        to.handle(xfrm::Event{xfrm::Mapping{sa->install.destination, spi, known, source}}, now());
}

Ping& World::ping(Gateway& from, Gateway& to, const Packet& packet, Duration every,
                  std::string interface) {
    Ping* ping = pings_.emplace_back(std::make_unique<Ping>()).get();
    const auto tick = [=, this, &from, &to](const auto& self) -> void {
        if (ping->stopped) return;
        ping->count(send(from, to, packet, interface), now_);
        after(every, [self] { self(self); });
    };
    tick(tick);
    return *ping;
}

// ---- Accidents ----

void World::kill(Gateway& gateway, Duration downtime) {
    collect();
    gateway.crash();
    after(downtime, [this, &gateway] { gateway.start(now()); });
}

void World::reboot(Gateway& gateway, Duration downtime) {
    collect();
    gateway.lose_power();
    after(downtime, [this, &gateway] { gateway.start(now()); });
}

// ---- Two gateways ----

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
