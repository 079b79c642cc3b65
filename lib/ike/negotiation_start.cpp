#include "ike/negotiation_start.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ike/child_negotiation.hpp"
#include "ike/exchanges/ike_sa_init.hpp"

namespace xfrmd::ike {
namespace {

bool carries(const ChildSa& child, const xfrm::Selector& flow) {
    const SelectorSet packet = selectors_of(flow);
    return covers(child.selectors.local, packet.local) &&
           covers(child.selectors.remote, packet.remote);
}

}  // namespace

std::optional<Obstacle> find_obstacle(const Tunnel& tunnel, std::size_t phase2,
                                      const EngineContext& context) {
    const config::Phase1& phase1 = *tunnel.phase1;
    if (!context.tunnels.local_address(phase1))
        return Obstacle{Reason::local_address_missing,
                        fmt::format("interface {} has no IPv{} address", phase1.interface,
                                    std::to_underlying(phase1.ip_version))};
    if (usable_proposals(phase1.phase2s[phase2], context).empty())
        return Obstacle{Reason::kernel_refused, "the kernel can do none of its proposals"};
    if (phase1.route_based && !tunnel.interface_exists)
        return Obstacle{Reason::kernel_refused,
                        "its interface could not be made, so nothing could be sent through it"};
    return std::nullopt;
}

Phase2Status observe(const Tunnel& tunnel, std::size_t phase2, const EngineContext& context) {
    Phase2Status status = Phase2Status::down;
    for (IkeSpi spi : tunnel.ike_sas) {
        const IkeSa* sa = context.sas->find(spi);
        if (sa == nullptr) continue;
        for (const ChildSa& child : sa->children)
            if (child.phase2 == phase2 && child.replaced_by == EspSpi(0)) {
                if (child.state == ChildState::established) return Phase2Status::up;
                status = Phase2Status::negotiating;
            }
        if (!sa->is_closing() && sa->is_asking_for(phase2)) status = Phase2Status::negotiating;
    }
    return status;
}

bool is_covered(const Tunnel& tunnel, std::size_t phase2, const xfrm::Selector& flow,
                const EngineContext& context) {
    return std::ranges::any_of(tunnel.ike_sas, [&](IkeSpi spi) {
        const IkeSa* sa = context.sas->find(spi);
        return sa != nullptr && std::ranges::any_of(sa->children, [&](const ChildSa& child) {
                   return child.phase2 == phase2 && carries(child, flow);
               });
    });
}

IkeSa& surplus_of(IkeSa& a, IkeSa& b) {
    if (a.role != b.role) return a.spi_i < b.spi_i ? a : b;
    if (a.established_at != b.established_at) return a.established_at < b.established_at ? a : b;
    return a.spi_i < b.spi_i ? a : b;
}

IkeSa* usable_ike_sa(const Tunnel& tunnel, const EngineContext& context) {
    IkeSa* best = nullptr;
    for (IkeSpi spi : tunnel.ike_sas) {
        IkeSa* sa = context.sas->find(spi);
        if (sa == nullptr || !sa->is_established() || sa->is_closing() || sa->takes_no_more)
            continue;
        if (best == nullptr || &surplus_of(*best, *sa) == best) best = sa;
    }
    return best;
}

bool has_half_open(const Tunnel& tunnel, const EngineContext& context) {
    return std::ranges::any_of(tunnel.ike_sas, [&](IkeSpi spi) {
        const IkeSa* sa = context.sas->find(spi);
        return sa != nullptr && sa->is_half_open();
    });
}

std::optional<IkeSpi> start_ike_sa(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2,
                                   std::optional<xfrm::Acquire> acquire, EngineContext& context) {
    const auto local = context.tunnels.local_address(*tunnel->phase1);
    if (!local || !tunnel->remote || find_obstacle(*tunnel, phase2, context)) return std::nullopt;
    auto sa = ike_sa_init::request({tunnel,
                                    phase2,
                                    context.sas->new_spi(context.random),
                                    {*local, ike_port},
                                    {*tunnel->remote, ike_port},
                                    std::move(acquire)},
                                   context);
    if (!sa) return std::nullopt;
    const IkeSpi spi = sa->own_spi();
    tunnel->last_attempt = context.now.boottime;
    tunnel->ike_sas.insert(spi);
    context.sas->add(std::move(sa));
    return spi;
}

}  // namespace xfrmd::ike
