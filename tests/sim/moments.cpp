#include "sim/moments.hpp"

#include <algorithm>
#include <stdexcept>

namespace xfrmd::test {

std::vector<Duration> requests_of(const World& world, const Gateway& from,
                                  wire::ExchangeType exchange, Instant start) {
    std::vector<Duration> times;
    for (const Flight& flight : world.traffic)
        if (flight.arrives >= start && flight.datagram.local.address == from.address &&
            is(flight.datagram, exchange, false))
            times.push_back(flight.arrives - start);
    return times;
}

Instant time_of(const Gateway& gateway, ike::EventKind kind) {
    const auto found = std::ranges::find(gateway.events, kind, &ike::Event::kind);
    if (found == gateway.events.end()) throw std::logic_error(gateway.name + " told of no such");
    return gateway.event_times[static_cast<std::size_t>(found - gateway.events.begin())];
}

std::vector<std::string> lines_from(const Gateway& gateway, std::size_t first) {
    std::vector<std::string> lines;
    for (std::size_t i = first; i < gateway.events.size(); ++i)
        if (gateway.events[i].severity != ike::Severity::debug)
            lines.push_back(gateway.events[i].message);
    return lines;
}

void run_to(World& world, Instant start, Duration age) {
    world.run_for(start + age - world.now().boottime);
}

}  // namespace xfrmd::test
