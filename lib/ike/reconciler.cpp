#include "ike/reconciler.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ike/child_negotiation.hpp"
#include "ike/exchanges/ike_sa_init.hpp"

namespace xfrmd::ike {
namespace {

/// The port of IKE (RFC 7296 section 2).
constexpr std::uint16_t ike_port = 500;

}  // namespace

void Reconciler::tick(const std::shared_ptr<Tunnel>& tunnel) {
    if (!tunnel->wants_up()) return;
    // One phase 2 of a phase 1 can be up: the first that wants to.
    const auto& phase2s = tunnel->phase1->phase2s;
    const auto first = std::ranges::find(phase2s, true, &config::Phase2::auto_negotiate);
    const auto phase2 = static_cast<std::size_t>(first - phase2s.begin());
    if (is_up(*tunnel, phase2)) return;
    start(tunnel, phase2);
    on_loss(tunnel);
}

void Reconciler::on_loss(const std::shared_ptr<Tunnel>& tunnel) {
    // A timer that runs is left alone: losses that follow each other must not put it off for ever.
    const TimerKey key{Timer::auto_negotiate, tunnel->number};
    if (tunnel->wants_up() && context_.tunnels.find(tunnel->number) == tunnel &&
        !context_.timers.is_armed(key))
        context_.timers.arm(key, context_.now.boottime + auto_negotiate_interval);
}

void Reconciler::on_report(const Report& report) {
    std::visit(
        [this](const auto& happened) {
            if constexpr (requires { happened.tunnel; }) on_loss(happened.tunnel);
        },
        report);
}

void Reconciler::stop(const Tunnel& tunnel) {
    context_.timers.cancel({Timer::auto_negotiate, tunnel.number});
}

void Reconciler::start(const std::shared_ptr<Tunnel>& tunnel, std::size_t phase2) {
    if (is_negotiating(*tunnel) || is_up(*tunnel, phase2)) return;
    const config::Phase1& phase1 = *tunnel->phase1;
    if (!tunnel->may_initiate())
        return tell(*tunnel, phase2, Reason::passive_mode,
                    "ignoring request to establish IPsec SA, gateway is in passive mode");
    const auto local = context_.tunnels.local_address(phase1);
    if (!local)
        return tell(*tunnel, phase2, Reason::local_address_missing,
                    fmt::format("interface {} has no IPv{} address", phase1.interface,
                                std::to_underlying(phase1.ip_version)));
    if (!phase1.remote_gateway)
        return tell(*tunnel, phase2, Reason::no_gateway, "the peer's address is not known");
    if (usable_proposals(phase1.phase2s[phase2], context_).empty())
        return tell(*tunnel, phase2, Reason::kernel_refused,
                    "the kernel can do none of its proposals");
    if (phase1.route_based && !tunnel->interface_exists)
        return tell(*tunnel, phase2, Reason::kernel_refused,
                    "its interface could not be made, so nothing could be sent through it");
    for (IkeSpi spi : std::vector(tunnel->ike_sas)) {
        IkeSa* sa = sas_.find(spi);
        if (sa != nullptr && sa->is_established() && !sa->is_closing())
            return sa->ask(CreateChild{phase2}, context_);
    }
    auto sa = ike_sa_init::request({tunnel,
                                    phase2,
                                    sas_.new_spi(context_.random),
                                    {*local, ike_port},
                                    {*phase1.remote_gateway, ike_port}},
                                   context_);
    if (!sa) return;
    tunnel->ike_sas.push_back(sa->own_spi());
    sas_.add(std::move(sa));
}

bool Reconciler::is_up(const Tunnel& tunnel, std::size_t phase2) const {
    return std::ranges::any_of(tunnel.ike_sas, [&](IkeSpi spi) {
        const IkeSa* sa = sas_.find(spi);
        return sa != nullptr &&
               std::ranges::find(sa->children, phase2, &ChildSa::phase2) != sa->children.end();
    });
}

bool Reconciler::is_negotiating(const Tunnel& tunnel) const {
    return std::ranges::any_of(tunnel.ike_sas, [&](IkeSpi spi) {
        const IkeSa* sa = sas_.find(spi);
        return sa != nullptr && sa->is_half_open();
    });
}

void Reconciler::tell(const Tunnel& tunnel, std::size_t phase2, Reason reason,
                      std::string message) {
    Event event;
    event.kind = EventKind::child_sa_failed;
    event.severity = Severity::warning;
    event.message = std::move(message);
    event.phase1 = tunnel.name();
    event.phase2 = tunnel.phase1->phase2s[phase2].name;
    event.reason = reason;
    context_.emit(std::move(event));
}

}  // namespace xfrmd::ike
