#include "support/network.hpp"

namespace xfrmd::test {
namespace {

std::size_t packet_size(const ike::Transmit& datagram) {
    const std::size_t ip = datagram.remote.address.family() == IpFamily::v4 ? 20 : 40;
    const std::size_t marker = datagram.local.port == 4500 ? 4 : 0;
    return ip + 8 + marker + datagram.octets.size();
}

}  // namespace

void Network::cut(const IpAddress& a, const IpAddress& b, Instant until) {
    cut_one_way(a, b, until);
    cut_one_way(b, a, until);
}

void Network::cut_one_way(const IpAddress& from, const IpAddress& to, Instant until) {
    cuts_[{from, to}] = until;
}

void Network::heal(const IpAddress& a, const IpAddress& b) {
    cuts_.erase({a, b});
    cuts_.erase({b, a});
}

bool Network::is_cut(const IpAddress& from, const IpAddress& to, Instant now) const {
    const auto found = cuts_.find({from, to});
    return found != cuts_.end() && now < found->second;
}

Nat& Network::add_nat(const std::string& outer) {
    return *nats_.emplace_back(std::make_unique<Nat>(IpAddress::from_text(outer).value()));
}

void Network::leave(ike::Transmit& datagram, Instant now) {
    for (const auto& nat : nats_)
        if (nat->has_behind(datagram.local.address)) {
            datagram.local = nat->outward(datagram.local, datagram.remote, now);
            return;
        }
}

bool Network::reach(ike::Transmit& datagram, Instant now) {
    for (const auto& nat : nats_) {
        if (nat->outer() != datagram.remote.address) continue;
        const auto inner = nat->inward(datagram.local, datagram.remote.port, now);
        if (inner) datagram.remote = *inner;
        return inner.has_value();
    }
    return true;
}

void Network::send(ike::Transmit datagram, Instant now) {
    const Way way{datagram.local.address, datagram.remote.address};
    const auto own = links_.find(way);
    const Link& link = own == links_.end() ? usual : own->second;
    if (is_cut(way.first, way.second, now) || packet_size(datagram) > link.mtu) return;
    if (happens(link.loss)) return;
    if (happens(link.duplication)) flights_.emplace(arrival(link, now), datagram);
    flights_.emplace(arrival(link, now), std::move(datagram));
}

Instant Network::arrival(const Link& link, Instant now) {
    if (link.jitter <= Duration::zero()) return now + link.delay;
    const auto bound = static_cast<std::uint64_t>(link.jitter.count()) + 1;
    return now + link.delay + Duration(static_cast<Duration::rep>(random_.below(bound)));
}

std::optional<Instant> Network::next_arrival() const {
    if (flights_.empty()) return std::nullopt;
    return flights_.begin()->first;
}

Flight Network::take_next() {
    auto next = flights_.extract(flights_.begin());
    return {next.key(), std::move(next.mapped())};
}

}  // namespace xfrmd::test
