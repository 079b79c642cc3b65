#include "support/report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace xfrmd::test {
namespace {

const Gateway* at_address(const World& world, const IpAddress& address) {
    const auto found = std::ranges::find(world.gateways(), address,
                                         [](const auto& gateway) { return gateway->address; });
    return found == world.gateways().end() ? nullptr : found->get();
}

std::string last_events(const Gateway& gateway, std::size_t most) {
    std::string text = fmt::format("{}, {} events:\n", gateway.name, gateway.events.size());
    const std::size_t count = gateway.events.size();
    for (std::size_t i = count - std::min(count, most); i < count; ++i)
        text += fmt::format("  {:>12}  {}\n", clock_text(gateway.event_times[i]),
                            gateway.events[i].message);
    return text;
}

}  // namespace

std::string last_happenings(const World& world, std::size_t most) {
    std::string text;
    for (const auto& gateway : world.gateways())
        text += last_events(*gateway, most);
    text += fmt::format("{} datagrams left:\n", world.traffic.size());
    const std::size_t count = world.traffic.size();
    for (std::size_t i = count - std::min(count, most); i < count; ++i) {
        const ike::Transmit& datagram = world.traffic[i].datagram;
        const Letter letter{at_address(world, datagram.local.address),
                            at_address(world, datagram.remote.address), datagram};
        text +=
            fmt::format("  {:>12}  {}\n", clock_text(world.traffic[i].arrives), letter.summary());
    }
    return text;
}

}  // namespace xfrmd::test
