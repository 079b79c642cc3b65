#include "ike/child_halves.hpp"

#include "ike/child_kernel.hpp"
#include "ike/lifetimes.hpp"
#include "xfrm/lookup_chain.hpp"

namespace xfrmd::ike {
namespace {

using config::KeylifeType;
using xfrm::Direction;

/// Where the kernel tells that a limit is near.
std::uint64_t soft_limit(std::uint64_t hard, bool initiated) {
    return hard / 100 *
           (initiated ? lifetimes::soft_percent_initiator : lifetimes::soft_percent_responder);
}

xfrm::KernelLimits limits_of(const ChildSa& child, const config::Phase2& phase2) {
    xfrm::KernelLimits limits;
    if (phase2.keylife_type != KeylifeType::kbs)
        limits.hard_seconds =
            static_cast<std::uint64_t>((phase2.keylife + kernel_lifetime_margin).count());
    if (phase2.keylife_type != KeylifeType::seconds) {
        limits.hard_bytes = phase2.keylife_kilobytes * 1024;
        limits.soft_bytes = soft_limit(*limits.hard_bytes, child.initiated);
    }
    // When its numbers are used up the kernel sends no more (RFC 4303 section 3.3.3).
    if (child.suite.esn == wire::EsnId::no)
        limits.soft_packets = soft_limit(std::uint64_t{1} << 32, child.initiated);
    return limits;
}

std::uint32_t window_of(const ChildSa& child, const config::Phase2& phase2) {
    if (!phase2.replay) return 0;
    return child.offload.rung() == xfrm::OffloadMode::packet ? packet_offload_window
                                                             : replay_window;
}

/// Of its SAs on the rung where it stands.
Reqid reqid_of(const ChildSa& child) {
    return xfrm::reqid_for(child.reqid, child.offload.rung(), child.path.local.address,
                           child.path.remote.address);
}

}  // namespace

xfrm::InstallSa half_of(const IkeSa& sa, const ChildSa& child, Direction direction) {
    const config::Phase2& phase2 = sa.phase1().phase2s[child.phase2];
    const bool is_out = direction == Direction::out;
    const Endpoint& source = is_out ? child.path.local : child.path.remote;
    const Endpoint& destination = is_out ? child.path.remote : child.path.local;
    xfrm::InstallSa half;
    half.direction = direction;
    half.source = source.address;
    half.destination = destination.address;
    half.spi = is_out ? child.spi_out : child.spi_in;
    half.reqid = reqid_of(child);
    half.if_id = sa.tunnel->if_id;
    half.mode = child.mode;
    half.suite = child.suite;
    half.replay_window = window_of(child, phase2);
    half.limits = limits_of(child, phase2);
    half.offload = child.offload.request();
    if (child.in_udp) half.encapsulation = xfrm::Encapsulation{source.port, destination.port};
    return half;
}

PolicyUse use_of(const IkeSa& sa, const ChildSa& child) {
    PolicyUse use;
    use.owner.reqid = child.reqid;
    use.reqid = reqid_of(child);
    if (sa.phase1().type == config::GatewayType::dynamic)
        use.owner.peer = PeerName{sa.first_address, sa.peer_identity->data};
    use.local = child.path.local.address;
    use.remote = child.path.remote.address;
    use.mode = child.mode;
    use.offload = child.offload.policy_request();
    use.spi_out = child.spi_out;
    return use;
}

xfrm::DeleteSa inbound_deletion(const ChildSa& child) {
    return {child.path.remote.address, child.path.local.address, child.spi_in};
}

xfrm::DeleteSa outbound_deletion(const ChildSa& child) {
    return {child.path.local.address, child.path.remote.address, child.spi_out};
}

}  // namespace xfrmd::ike
