#include "sim/nat_pair.hpp"

#include <algorithm>
#include <stdexcept>

namespace xfrmd::test {
namespace {

constexpr const char* west_outer = "192.0.2.1";
constexpr const char* east_outer = "192.0.2.2";
constexpr const char* west_inner = "192.168.1.2";
constexpr const char* east_inner = "192.168.2.2";

Nat& nat_for(World& world, const char* outer, const char* inner) {
    Nat& nat = world.network.add_nat(outer);
    nat.put_behind(address(inner));
    return nat;
}

config::Phase1 end_of(const TunnelSpec& spec, const NatPair::Change& change) {
    config::Phase1 phase1 = spec.phase1();
    if (change) change(phase1);
    return phase1;
}

}  // namespace

NatPair::NatPair(const NatPlan& plan, const Change& change_west, const Change& change_east)
    : world(1),
      west(world.add("west", plan.west ? west_inner : west_outer, {.log_keys = true})),
      east(world.add("east", plan.east ? east_inner : east_outer, {.log_keys = true})) {
    if (plan.west) west_nat = &nat_for(world, west_outer, west_inner);
    if (plan.east) {
        east_nat = &nat_for(world, east_outer, east_inner);
        for (const std::uint16_t port : {ike::ike_port, ike::nat_traversal_port})
            east_nat->forward(port, {address(east_inner), port});
    }
    TunnelSpec spec;
    west.configure({end_of(spec, change_west)}, world.now());
    east.configure({end_of(spec.mirrored(), change_east)}, world.now());
}

bool NatPair::connect() {
    west.handle(ike::CommandUp{"tunnel", ""}, world.now());
    world.run_for(std::chrono::seconds(1));
    return carries();
}

bool NatPair::carries() {
    return world.send(west, east, there) == PacketFate::delivered &&
           world.send(east, west, back) == PacketFate::delivered;
}

bool NatPair::all_in_udp(const Gateway& gateway) {
    return !gateway.kernel.sas().empty() &&
           std::ranges::all_of(gateway.kernel.sas(), [](const auto& entry) {
               return entry.second.install.encapsulation.has_value();
           });
}

ike::IkeSaOverview NatPair::ike_sa(const Gateway& gateway) {
    const auto sas = gateway.engine().overview().ike_sas;
    if (sas.size() != 1) throw std::logic_error(gateway.name + " has not one IKE SA");
    return sas.front();
}

void NatPair::rekey_child(Gateway& gateway) {
    gateway.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, world.now());
}

void make_dial_up(config::Phase1& phase1) {
    phase1.type = config::GatewayType::dynamic;
    phase1.remote_gateway.reset();
}

}  // namespace xfrmd::test
