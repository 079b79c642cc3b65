#include "ike/tunnel_overview.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ike/engine_context.hpp"
#include "ike/ike_sa.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/proposal_text.hpp"

namespace xfrmd::ike {
namespace {

std::optional<Instant> unless_never(Instant at) {
    return at == Instant{} ? std::nullopt : std::optional(at);
}

std::string device_of(const xfrm::SaStatus& sa, const TunnelTable& tunnels) {
    if (sa.offload_device == 0) return {};
    const Interface* device = tunnels.interface(sa.offload_device);
    return device != nullptr ? device->name : fmt::format("device {}", sa.offload_device);
}

ChildSaView view_of_child(const IkeSa& sa, const ChildSa& child, const EngineContext& context) {
    const Timers& timers = context.timers;
    ChildSaView view;
    view.installed = child.state == ChildState::established;
    view.initiated = child.initiated;
    view.replaced = child.replaced_by != EspSpi(0);
    view.lost = child.traffic.lost;
    view.spi_in = child.spi_in;
    view.spi_out = child.spi_out;
    view.suite = child.suite.to_text();
    view.mode = child.mode;
    view.local = to_text(child.selectors.local);
    view.remote = to_text(child.selectors.remote);
    view.established_at = child.established_at;
    // The counters are read a while before the rekey, by the same timer.
    if (const auto due = timers.due({Timer::child_rekey, child.spi_in.value()}))
        view.rekey_at = child.age == Age::young ? std::max(*due, child.soft_end) : *due;
    view.expires_at = timers.due({Timer::child_expire, child.spi_in.value()});
    view.last_in = unless_never(child.traffic.last_in);
    view.last_out = unless_never(child.traffic.last_out);
    view.peer_heard = unless_never(sa.last_inbound);
    view.inbound = child.traffic.inbound;
    view.outbound = child.traffic.outbound;
    view.device_in = device_of(view.inbound, context.tunnels);
    view.device_out = device_of(view.outbound, context.tunnels);
    view.offload = child.offload;
    return view;
}

/// When the negotiation, or the peer, is given up if no answer comes.
std::optional<Instant> end_of_patience(IkeSa& sa, const Timers& timers) {
    const auto cut = timers.due({Timer::negotiate_timeout, sa.own_spi().value()});
    const OutstandingRequest* request = sa.window.outstanding();
    if (request == nullptr) return cut;
    const Instant silent = request->first_sent + request->patience;
    return cut ? std::min(*cut, silent) : silent;
}

IkeSaView view_of_ike_sa(IkeSa& sa, const Timers& timers) {
    IkeSaView view;
    view.role = sa.role;
    view.state = sa.state_name();
    view.reached = sa.reached();
    view.closing = sa.is_closing();
    view.spi_i = sa.spi_i;
    view.spi_r = sa.spi_r;
    view.local = sa.local;
    view.remote = sa.remote;
    if (sa.suite != crypto::IkeSuite{}) view.suite = sa.suite.to_text();
    if (sa.peer_identity) view.peer_identity = sa.peer_identity->text;
    view.began = sa.began;
    view.established_at = unless_never(sa.established_at);
    view.rekey_at = timers.due({Timer::ike_rekey, sa.own_spi().value()});
    view.expires_at = timers.due({Timer::ike_expire, sa.own_spi().value()});
    view.last_heard = unless_never(sa.last_inbound);
    view.next_request = sa.window.next_request_id().value();
    if (const auto* request = sa.window.outstanding()) view.transmissions = request->transmissions;
    view.gives_up_at = end_of_patience(sa, timers);
    return view;
}

Phase2View view_of_phase2(const config::Phase1& phase1, const config::Phase2& phase2) {
    Phase2View view;
    view.name = phase2.name;
    view.desired = desired_state(phase1, phase2);
    view.keepalive = phase2.keepalive;
    const SelectorSet selectors = selectors_of(phase2.selectors);
    view.local = to_text(selectors.local);
    view.remote = to_text(selectors.remote);
    view.proposals = describe(phase2.proposals);
    return view;
}

void fill(Phase2View& view, const Phase2State& state) {
    view.status = state.status;
    view.since = state.since;
    view.down_since = state.down_since;
    view.reason = state.reason;
    view.why = state.why;
    view.next_attempt = state.next_attempt;
    view.wanted_by_traffic = state.acquire.has_value();
    view.trouble = state.trouble;
    view.total = state.past;
}

void add_child(Phase2View& phase2, ChildSaView child) {
    phase2.total.packets_in += child.inbound.packets;
    phase2.total.packets_out += child.outbound.packets;
    phase2.total.bytes_in += child.inbound.bytes;
    phase2.total.bytes_out += child.outbound.bytes;
    phase2.children.push_back(std::move(child));
}

void fill(TunnelOverview& overview, const Tunnel& tunnel, const EngineContext& context) {
    overview.in_service = true;
    overview.interface_exists = tunnel.interface_exists;
    overview.local = context.tunnels.local_address(*tunnel.phase1);
    overview.remote = tunnel.remote;
    overview.resolving = tunnel.resolving;
    overview.held_down = tunnel.held_down;
    overview.standby = tunnel.standby;
    overview.last_attempt = tunnel.last_attempt;
    overview.trouble = tunnel.trouble;
    overview.unproved_caller = tunnel.unproved_caller;
    overview.send_failure = tunnel.send_failure;
    for (std::size_t i = 0; i < overview.phase2s.size() && i < tunnel.phase2_states.size(); ++i)
        fill(overview.phase2s[i], tunnel.phase2_states[i]);
    for (IkeSpi spi : tunnel.ike_sas) {
        IkeSa* sa = context.sas->find(spi);
        if (sa == nullptr) continue;
        overview.ike_sas.push_back(view_of_ike_sa(*sa, context.timers));
        for (const ChildSa& child : sa->children)
            if (child.phase2 < overview.phase2s.size())
                add_child(overview.phase2s[child.phase2], view_of_child(*sa, child, context));
    }
}

}  // namespace

TunnelOverview tunnel_overview_of(const config::Phase1& phase1, const EngineContext& context) {
    TunnelOverview overview;
    const auto tunnel = context.tunnels.find(phase1.name);
    overview.config = tunnel ? tunnel->phase1 : std::make_shared<const config::Phase1>(phase1);
    overview.proposals = describe(phase1);
    overview.device.name = phase1.interface;
    if (const Interface* device = context.tunnels.interface(phase1.interface))
        overview.device = {phase1.interface, true, device->up};
    for (const config::Phase2& phase2 : overview.config->phase2s)
        overview.phase2s.push_back(view_of_phase2(*overview.config, phase2));
    if (tunnel) fill(overview, *tunnel, context);
    return overview;
}

}  // namespace xfrmd::ike
