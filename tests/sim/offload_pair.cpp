#include "sim/offload_pair.hpp"

#include <algorithm>

#include "support/catch.hpp"

namespace xfrmd::test {
namespace {

using xfrm::OffloadMode;

config::Phase1 changed(config::Phase1 phase1, const OffloadPair::Change& change) {
    if (change) change(phase1);
    return phase1;
}

}  // namespace

OffloadPair::OffloadPair(OffloadMode most, const Change& change, const TunnelSpec& spec)
    : Pair(changed(spec.phase1(), change), changed(spec.mirrored().phase1(), change)) {
    for (Gateway* gateway : {&west, &east}) {
        gateway->kernel.device(card).most = most;
        ike::Interface eth0{"eth0", card, 1500, true, {gateway->address}, true};
        gateway->handle(ike::InterfacesChanged{{std::move(eth0)}}, world.now());
    }
}

OffloadMode OffloadPair::mode(const Gateway& gateway) {
    const auto sas = gateway.kernel.dump_sas();
    REQUIRE_FALSE(sas.empty());
    for (const xfrm::SaStatus& sa : sas) {
        CHECK(sa.offload == sas.front().offload);
        CHECK(sa.offload_device == (sa.offload == OffloadMode::none ? 0 : card));
    }
    return sas.front().offload;
}

bool OffloadPair::offloads_policies(const Gateway& gateway, xfrm::Direction direction) {
    const auto& policies = gateway.kernel.policies();
    return std::ranges::any_of(policies, [direction](const xfrm::InstallPolicy& policy) {
        return policy.direction == direction && policy.offload.has_value();
    });
}

std::string OffloadPair::told(const Gateway& gateway) {
    const ike::Event* event = gateway.last_event(ike::EventKind::child_sa_established);
    return event != nullptr ? event->message : std::string{};
}

void OffloadPair::rekey_child(Gateway& gateway) {
    gateway.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, world.now());
}

void OffloadPair::rekey_ike_sa(Gateway& gateway) {
    gateway.handle(ike::CommandRekey{"tunnel", ""}, world.now());
}

void OffloadPair::ping() {
    constexpr std::chrono::milliseconds every{5};
    pings_.push_back(&world.ping(west, east, there, every));
    pings_.push_back(&world.ping(east, west, back, every));
}

std::string OffloadPair::losses() const {
    std::string text;
    for (const Ping* ping : pings_)
        text += ping->summary() + "\n";
    return text;
}

std::uint64_t OffloadPair::lost() const {
    std::uint64_t lost = 0;
    for (const Ping* ping : pings_)
        lost += ping->sent - ping->delivered;
    return lost;
}

}  // namespace xfrmd::test
