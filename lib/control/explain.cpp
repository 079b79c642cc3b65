#include "control/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "control/diagnosis.hpp"
#include "ike/ike_sa.hpp"
#include "ike/offload_ladder.hpp"

namespace xfrmd::control {
namespace {

using ike::Link;
using ike::Phase2View;
using ike::Reason;
using ike::TunnelOverview;

const ike::IkeSaView* established(const TunnelOverview& tunnel) {
    for (const ike::IkeSaView& sa : tunnel.ike_sas)
        if (sa.state == ike::StateName::established && !sa.closing) return &sa;
    return nullptr;
}

std::string ends(const TunnelOverview& tunnel) {
    return fmt::format("{} on {}, peer {}", tunnel.local ? tunnel.local->to_text() : "no address",
                       tunnel.device.name,
                       tunnel.remote ? tunnel.remote->to_text() : "not known yet");
}

/// The suite that was chosen, and from what.
std::string child_text(const Phase2View& phase2) {
    for (const ike::ChildSaView& child : phase2.children)
        if (!child.replaced)
            return fmt::format("{} of {}; {} <-> {}", child.suite, phase2.proposals, child.local,
                               child.remote);
    return {};
}

std::string kernel_text(const Phase2View& phase2) {
    static constexpr std::array offload{"in software", "crypto offload", "packet offload"};
    for (const ike::ChildSaView& child : phase2.children) {
        if (child.replaced || child.inbound.spi == EspSpi(0)) continue;
        const auto mode =
            static_cast<std::size_t>(std::min(child.inbound.offload, child.outbound.offload));
        const std::string not_more = ike::offload::to_text(child.offload.shortfalls);
        return fmt::format("{} {}, {}{}{}", child.inbound.cipher, child.inbound.integrity,
                           offload[mode], not_more.empty() ? "" : "; not ", not_more);
    }
    return {};
}

/// What there is to say of a link that is well.
std::string well(Link link, const TunnelOverview& tunnel, const Phase2View& phase2) {
    const ike::IkeSaView* sa = established(tunnel);
    switch (link) {
        case Link::configuration: return "in service";
        case Link::name_resolution:
            if (tunnel.config->type != config::GatewayType::ddns) return "not needed";
            return fmt::format("{} is {}", tunnel.config->remote_gateway_name,
                               tunnel.remote ? tunnel.remote->to_text() : "not known yet");
        case Link::route: return ends(tunnel);
        case Link::socket: return "datagrams leave";
        case Link::first_exchange:
            return sa != nullptr ? sa->suite + " of " + tunnel.proposals : "answered";
        case Link::authentication:
            return sa != nullptr && !sa->peer_identity.empty() ? "the peer is " + sa->peer_identity
                                                               : "both ends are proved";
        case Link::child: return child_text(phase2);
        case Link::kernel: return kernel_text(phase2);
        case Link::data:
            return fmt::format("{} packets in, {} out{}", phase2.total.packets_in,
                               phase2.total.packets_out, data_note(phase2));
    }
    return {};
}

/// Our side of what the ends may not agree on.
std::string our_value(Reason reason, const TunnelOverview& tunnel, const Phase2View& phase2) {
    switch (reason) {
        case Reason::no_proposal_chosen:
        case Reason::invalid_key_exchange:
        case Reason::algorithm_missing: return tunnel.proposals;
        case Reason::esp_no_proposal_chosen: return phase2.proposals;
        case Reason::traffic_selectors_unacceptable: return phase2.local + " <-> " + phase2.remote;
        case Reason::identity_mismatch:
            return tunnel.config->peer_id ? "peerid " + tunnel.config->peer_id->text : "any peerid";
        case Reason::authentication_failed_local:
        case Reason::authentication_failed_remote:
            return tunnel.config->local_id ? "localid " + tunnel.config->local_id->text
                                           : "localid: the address";
        default: return {};
    }
}

Finding judge(Link link, const std::optional<Diagnosis>& diagnosis, const TunnelOverview& tunnel,
              const Phase2View& phase2) {
    if (diagnosis && diagnosis->without_contact && link > Link::route && link < diagnosis->link)
        return {link, Verdict::not_reached, "not tried"};
    if (!diagnosis || link < diagnosis->link)
        return {link, Verdict::ok, well(link, tunnel, phase2)};
    if (link > diagnosis->link) return {link, Verdict::not_reached, {}};
    return {link, diagnosis->verdict, diagnosis->text};
}

}  // namespace

const char* to_text(Verdict verdict) {
    static constexpr std::array names{"ok", "broken", "pending", "not-reached"};
    return names[static_cast<std::size_t>(verdict)];
}

Explanation explain(const TunnelOverview& tunnel, const Phase2View& phase2, Instant now) {
    Explanation explanation;
    explanation.phase1 = tunnel.config->name;
    explanation.phase2 = phase2.name;
    explanation.state = phase2.status;
    explanation.next_attempt = phase2.next_attempt;
    const auto diagnosis = diagnose(tunnel, phase2, now);
    if (diagnosis) {
        explanation.link = diagnosis->link;
        explanation.reason = diagnosis->reason;
        explanation.message = diagnosis->text;
        if (diagnosis->reason) explanation.ours = our_value(*diagnosis->reason, tunnel, phase2);
        // What the peer has told of itself; the rest of its values is in the message.
        for (const ike::IkeSaView& sa : tunnel.ike_sas)
            if (!sa.peer_identity.empty()) explanation.theirs = "identity " + sa.peer_identity;
    }
    for (std::size_t i = 0; i < ike::link_names.size(); ++i)
        explanation.chain.push_back(judge(static_cast<Link>(i), diagnosis, tunnel, phase2));
    return explanation;
}

}  // namespace xfrmd::control
