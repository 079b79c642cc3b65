// Two gateways with network cards that can do ESP, and what tests ask of them.
#pragma once

#include <functional>
#include <string>

#include "sim/scenario.hpp"

namespace xfrmd::test {

/// The device eth0 of both ends.
inline constexpr std::uint32_t card = 2;

struct OffloadPair : Pair {
    using Change = std::function<void(config::Phase1&)>;

    /// Cards that do as much; `change` is made to both ends' configurations.
    explicit OffloadPair(xfrm::OffloadMode most, const Change& change = {},
                         const TunnelSpec& spec = {});

    /// What both kernels say of all of their SAs; fails if they do not agree.
    static xfrm::OffloadMode mode(const Gateway& gateway);
    /// Whether the policies of a direction are the device's.
    static bool offloads_policies(const Gateway& gateway, xfrm::Direction direction);
    /// "IPsec SA established: ..." as it was told last.
    static std::string told(const Gateway& gateway);

    void rekey_child(Gateway& gateway);
    void rekey_ike_sa(Gateway& gateway);

    /// Packets both ways from now on, and how many of them were lost until now.
    void ping();
    std::string losses() const;
    std::uint64_t lost() const;

  private:
    std::vector<Ping*> pings_;
};

}  // namespace xfrmd::test
