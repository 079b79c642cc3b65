#include "sim/rekeying.hpp"

#include <stdexcept>

#include "ike/ike_sa.hpp"

namespace xfrmd::test {
namespace {

const Packet there{*IpAddress::from_text("10.1.0.5"), *IpAddress::from_text("10.2.0.9")};
const Packet back{there.destination, there.source};

ike::ChildOverview newest_child(const Gateway& gateway) {
    for (const ike::IkeSaOverview& sa : gateway.engine().overview().ike_sas)
        if (!sa.children.empty()) return sa.children.back();
    return {};
}

}  // namespace

Rekeying::Rekeying(std::uint64_t seed, const TunnelSpec& spec)
    : Pair(spec.phase1(), spec.mirrored().phase1(), seed) {
    if (!connect()) throw std::runtime_error("the tunnel does not come up");
    world.run_for(std::chrono::seconds(1));
}

void Rekeying::rekey_child(Gateway& gateway) {
    gateway.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, world.now());
}

void Rekeying::rekey_ike_sa(Gateway& gateway) {
    gateway.handle(ike::CommandRekey{"tunnel", ""}, world.now());
}

void Rekeying::delete_child(Gateway& gateway) {
    const EspSpi spi = newest_child(gateway).spi_in;
    if (const auto expired = gateway.kernel.expire({gateway.address, spi}, true))
        gateway.handle(xfrm::Event{*expired}, world.now());
}

void Rekeying::delete_ike_sa(Gateway& gateway) {
    gateway.handle(ike::CommandDown{"tunnel"}, world.now());
}

void Rekeying::ping() {
    constexpr std::chrono::milliseconds every{5};
    pings_.push_back(&world.ping(west, east, there, every));
    pings_.push_back(&world.ping(east, west, back, every));
}

std::uint64_t Rekeying::lost() const {
    std::uint64_t sum = 0;
    for (const Ping* ping : pings_)
        sum += ping->sent - ping->delivered;
    return sum;
}

EspSpi Rekeying::west_child() {
    return newest_child(west).spi_in;
}

IkeSpi Rekeying::west_ike_sa() {
    for (const ike::IkeSaOverview& sa : west.engine().overview().ike_sas)
        if (!sa.children.empty()) return sa.role == ike::Role::initiator ? sa.spi_i : sa.spi_r;
    return {};
}

bool Rekeying::has_one_child() {
    for (const Gateway* gateway : {&west, &east}) {
        const auto overview = gateway->engine().overview();
        if (overview.ike_sas.size() != 1 || overview.ike_sas[0].children.size() != 1) return false;
        if (gateway->kernel.sas().size() != 2) return false;
    }
    return is_up() && passes_both_ways(*this);
}

}  // namespace xfrmd::test
