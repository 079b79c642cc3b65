#include "control/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "ike/ike_sa.hpp"

namespace xfrmd::control {
namespace {

using ike::DesiredState;
using ike::Link;
using ike::Phase2Status;
using ike::Phase2View;
using ike::Reason;
using ike::TunnelOverview;
using Found = std::optional<Diagnosis>;

/// So many packets without an answer are no chance any more.
constexpr std::uint64_t unanswered_packets = 5;
/// So long after the last packet that came in, packets that leave are unanswered.
constexpr std::chrono::seconds unanswered_time{60};
/// So many damaged packets are no chance any more, unless so many good ones came for each.
constexpr std::uint64_t damaged_packets = 10;
constexpr std::uint64_t good_for_each_damaged = 100;

Diagnosis broken(Link link, Reason reason, std::string text) {
    return {link, Verdict::broken, reason, std::move(text)};
}

Diagnosis pending(Link link, std::optional<Reason> reason, std::string text) {
    return {link, Verdict::pending, reason, std::move(text)};
}

Found configuration(const TunnelOverview& tunnel) {
    if (!tunnel.in_service)
        return broken(Link::configuration, Reason::algorithm_missing,
                      "out of service: OpenSSL on this machine lacks one of " + tunnel.proposals);
    if (tunnel.held_down)
        return broken(Link::configuration, Reason::stopped,
                      "an operator has taken it down: nothing is started until xfrmctl up");
    if (tunnel.standby)
        return pending(Link::configuration, Reason::standby,
                       "it is a backup, and what it stands in for is up");
    return std::nullopt;
}

Found name_resolution(const TunnelOverview& tunnel, const Phase2View& phase2) {
    if (tunnel.config->type != config::GatewayType::ddns) return std::nullopt;
    const std::string& name = tunnel.config->remote_gateway_name;
    if (phase2.reason == Reason::name_not_resolved)
        return broken(Link::name_resolution, Reason::name_not_resolved,
                      fmt::format("{}: {}", name, phase2.why));
    if (tunnel.resolving)
        return pending(Link::name_resolution, std::nullopt, name + " is being looked up");
    return std::nullopt;
}

Found route(const TunnelOverview& tunnel) {
    const ike::DeviceView& device = tunnel.device;
    if (!device.exists)
        return broken(Link::route, Reason::interface_missing, "there is no device " + device.name);
    if (!device.up)
        return broken(Link::route, Reason::interface_down,
                      "the device " + device.name + " is down");
    if (!tunnel.local)
        return broken(Link::route, Reason::local_address_missing,
                      fmt::format("interface {} has no IPv{} address", device.name,
                                  std::to_underlying(tunnel.config->ip_version)));
    return std::nullopt;
}

bool is_about_routes(int error) {
    return error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN ||
           error == EHOSTDOWN || error == ENONET;
}

/// The machine itself does not send: then the peer's silence means nothing.
Found sending(const TunnelOverview& tunnel, const Phase2View& phase2) {
    if (!tunnel.send_failure || tunnel.send_failure->at < tunnel.last_attempt) return std::nullopt;
    const int error = tunnel.send_failure->error;
    const std::string peer = tunnel.remote ? tunnel.remote->to_text() : phase2.name;
    if (is_about_routes(error))
        return broken(Link::route, Reason::no_route,
                      fmt::format("nothing could be sent to {}: no route (errno {})", peer, error));
    return broken(Link::socket, Reason::send_refused,
                  fmt::format("nothing could be sent to {}: refused on this machine (errno {})",
                              peer, error));
}

/// The later of what went wrong with the phase 2 and with its phase 1; of both at once, the former
/// led to the latter.
const ike::Trouble* latest_trouble(const TunnelOverview& tunnel, const Phase2View& phase2) {
    const ike::Trouble* mine = phase2.trouble ? &*phase2.trouble : nullptr;
    const ike::Trouble* all = tunnel.trouble ? &*tunnel.trouble : nullptr;
    if (mine == nullptr || all == nullptr) return mine != nullptr ? mine : all;
    return mine->at >= all->at ? mine : all;
}

Found trouble(const TunnelOverview& tunnel, const Phase2View& phase2) {
    const ike::Trouble* last = latest_trouble(tunnel, phase2);
    if (last != nullptr && !is_usual(last->reason, phase2.desired)) {
        Diagnosis found = broken(last->link, last->reason, last->message);
        found.without_contact = !last->peer;
        return found;
    }
    if (phase2.reason && !is_usual(*phase2.reason, phase2.desired))
        return broken(link_of(*phase2.reason, Link::first_exchange), *phase2.reason, phase2.why);
    return std::nullopt;
}

Found under_way(const TunnelOverview& tunnel) {
    for (const ike::IkeSaView& sa : tunnel.ike_sas) {
        if (sa.established_at || sa.closing) continue;
        const char* what = sa.reached == Link::first_exchange ? "IKE_SA_INIT" : "IKE_AUTH";
        if (sa.transmissions > 1)
            return pending(
                sa.reached, Reason::peer_silent,
                fmt::format("{} was sent {} times and is not answered", what, sa.transmissions));
        return pending(sa.reached, std::nullopt, fmt::format("{} is under way", what));
    }
    return std::nullopt;
}

Found negotiating(const TunnelOverview& tunnel, const Phase2View& phase2) {
    if (phase2.status != Phase2Status::negotiating) return std::nullopt;
    if (auto found = under_way(tunnel)) return found;
    if (!phase2.children.empty())
        return pending(Link::kernel, std::nullopt, "the kernel has not answered yet");
    return pending(Link::child, std::nullopt, "CREATE_CHILD_SA is under way");
}

/// Whoever called may have been the peer, wrongly configured at one of both ends: told, but anybody
/// can make it up, so it is no reason.
std::string caller_note(const TunnelOverview& tunnel) {
    if (!tunnel.unproved_caller) return {};
    const ike::Trouble& failed = *tunnel.unproved_caller;
    return fmt::format("; {} called and did not prove who it is: {} [{}]",
                       failed.peer ? failed.peer->to_text() : "somebody", failed.message,
                       code(failed.reason));
}

/// Down, and nothing has gone wrong: who has to begin?
Diagnosis whose_turn(const TunnelOverview& tunnel, const Phase2View& phase2) {
    switch (phase2.desired) {
        case DesiredState::passive:
            return pending(Link::configuration, Reason::passive_mode,
                           "passive-mode: it waits for the peer, which has not called");
        case DesiredState::server:
            return pending(Link::configuration, Reason::waiting_for_peer,
                           "a dial-up server: no peer is there");
        case DesiredState::on_demand:
            return pending(Link::configuration, Reason::waiting_for_traffic,
                           "on demand: no packet has asked for it since it went down");
        case DesiredState::up: break;
    }
    if (auto found = under_way(tunnel)) return *found;
    return pending(Link::first_exchange, std::nullopt, "its next attempt is planned");
}

Found kernel_of_up(const Phase2View& phase2) {
    for (const ike::ChildSaView& child : phase2.children)
        if (child.lost && !child.replaced)
            return broken(Link::kernel, Reason::kernel_state_lost,
                          fmt::format("the kernel had the SAs {:08x} and {:08x}, and has not both "
                                      "any more",
                                      child.spi_in.value(), child.spi_out.value()));
    return std::nullopt;
}

bool is_unanswered(const ike::ChildSaView& child) {
    if (child.outbound.packets < unanswered_packets || !child.last_out) return false;
    if (!child.last_in) return true;
    return *child.last_out - *child.last_in >= unanswered_time;
}

/// The peer was heard since packets go unanswered, and not long before the last of them: traffic in
/// one direction (a log, a stream) is nothing wrong, nor is a host behind the peer that is off.
bool is_peer_there(const ike::ChildSaView& child) {
    const Instant since = child.last_in.value_or(child.established_at);
    return child.peer_heard && *child.peer_heard > since && child.last_out &&
           *child.peer_heard + unanswered_time >= *child.last_out;
}

/// Anybody on the way can send a packet that does not fit the keys, and any line damages one.
bool is_damaged(const ike::ChildSaView& child) {
    const std::uint64_t failures = child.inbound.integrity_failures;
    return failures >= damaged_packets && failures * good_for_each_damaged > child.inbound.packets;
}

std::string damage_text(const ike::ChildSaView& child) {
    return fmt::format("{} packets came in that do not fit the keys of SPI {:08x}",
                       child.inbound.integrity_failures, child.spi_in.value());
}

std::string silence_text(const ike::ChildSaView& child) {
    return fmt::format("{} packets left with SPI {:08x}, and {} have come back",
                       child.outbound.packets, child.spi_out.value(), child.inbound.packets);
}

Found data(const Phase2View& phase2) {
    for (const ike::ChildSaView& child : phase2.children) {
        if (child.replaced) continue;
        if (is_damaged(child))
            return broken(Link::data, Reason::integrity_failures, damage_text(child));
        if (is_unanswered(child) && !is_peer_there(child))
            return broken(Link::data, Reason::no_return_traffic, silence_text(child));
    }
    return std::nullopt;
}

}  // namespace

std::string data_note(const Phase2View& phase2) {
    std::string notes;
    for (const ike::ChildSaView& child : phase2.children) {
        if (child.replaced) continue;
        if (is_unanswered(child))
            notes += "; " + silence_text(child) + ", though the peer itself answers";
        if (child.inbound.integrity_failures > 0) notes += "; " + damage_text(child);
    }
    return notes;
}

bool is_usual(Reason reason, DesiredState desired) {
    return reason == Reason::passive_mode ||
           (reason == Reason::lifetime_expired && desired != DesiredState::up);
}

std::optional<Diagnosis> diagnose(const TunnelOverview& tunnel, const Phase2View& phase2, Instant) {
    if (phase2.status == Phase2Status::up) {
        if (auto found = kernel_of_up(phase2)) return found;
        return data(phase2);
    }
    if (auto found = configuration(tunnel)) return found;
    if (auto found = name_resolution(tunnel, phase2)) return found;
    if (auto found = route(tunnel)) return found;
    if (auto found = sending(tunnel, phase2)) return found;
    if (auto found = trouble(tunnel, phase2)) return found;
    if (auto found = negotiating(tunnel, phase2)) return found;
    Diagnosis waiting = whose_turn(tunnel, phase2);
    waiting.text += caller_note(tunnel);
    return waiting;
}

}  // namespace xfrmd::control
