#include "sim/rekeying.hpp"

#include <stdexcept>

#include "ike/ike_sa.hpp"

namespace xfrmd::test {
namespace {

ike::ChildOverview newest_child(const Gateway& gateway) {
    for (const ike::IkeSaOverview& sa : gateway.engine().overview().ike_sas)
        if (!sa.children.empty()) return sa.children.back();
    return {};
}

ike::ChildOverview oldest_child(const Gateway& gateway) {
    for (const ike::IkeSaOverview& sa : gateway.engine().overview().ike_sas)
        if (!sa.children.empty()) return sa.children.front();
    return {};
}

void expire(Gateway& gateway, EspSpi spi_in, ike::Now now) {
    if (const auto expired = gateway.kernel.expire({gateway.address, spi_in}, true))
        gateway.handle(xfrm::Event{*expired}, now);
}

}  // namespace

Rekeying::Rekeying(std::uint64_t seed, const TunnelSpec& spec)
    : Rekeying(seed, spec.phase1(), spec.mirrored().phase1()) {}

Rekeying::Rekeying(std::uint64_t seed, const config::Phase1& west_phase1,
                   const config::Phase1& east_phase1)
    : Pair(west_phase1, east_phase1, seed) {
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
    expire(gateway, newest_child(gateway).spi_in, world.now());
}

void Rekeying::delete_oldest_child(Gateway& gateway) {
    expire(gateway, oldest_child(gateway).spi_in, world.now());
}

void Rekeying::delete_ike_sa(Gateway& gateway) {
    gateway.handle(ike::CommandDown{"tunnel"}, world.now());
}

void Rekeying::ping(Duration every) {
    pings_.push_back(&world.ping(west, east, there, every));
    pings_.push_back(&world.ping(east, west, back, every));
}

std::uint64_t Rekeying::lost() const {
    std::uint64_t sum = 0;
    for (const Ping* ping : pings_)
        sum += ping->sent - ping->delivered;
    return sum;
}

void Rekeying::stop_pings() {
    for (Ping* ping : pings_)
        ping->stopped = true;
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
