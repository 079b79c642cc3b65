// Two gateways with NATs between them, and what tests ask of such pairs.
#pragma once

#include "sim/scenario.hpp"

namespace xfrmd::test {

/// Which ends are behind a NAT. The NAT of an end that is called forwards the ports 500 and 4500.
struct NatPlan {
    bool west = false;
    bool east = false;
};

/// West (192.0.2.1, or 192.168.1.2 behind that address) calls east (192.0.2.2, or 192.168.2.2).
struct NatPair {
    using Change = std::function<void(config::Phase1&)>;

    explicit NatPair(const NatPlan& plan, const Change& change_west = {},
                     const Change& change_east = {});

    /// West starts; true if packets then pass both ways.
    bool connect();
    /// A packet each way through both kernels and all NATs.
    bool carries();
    /// Every SA of a gateway's kernel is packed into UDP.
    static bool all_in_udp(const Gateway& gateway);
    /// The one IKE SA of a gateway; fails if there are more or fewer.
    static ike::IkeSaOverview ike_sa(const Gateway& gateway);
    /// Makes a gateway send an IKE request: a rekey of its Child SA.
    void rekey_child(Gateway& gateway);

    World world;
    Gateway& west;
    Gateway& east;
    Nat* west_nat = nullptr;
    Nat* east_nat = nullptr;
};

/// East as a dial-up server that takes any peer.
void make_dial_up(config::Phase1& phase1);

}  // namespace xfrmd::test
