#include "ike/child_negotiation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/try.hpp"
#include "ike/nat_traversal.hpp"
#include "ike/offload_preference.hpp"
#include "ike/proposal_text.hpp"
#include "ike/single_subnet.hpp"

namespace xfrmd::ike {
namespace {

using config::Encapsulation;
using config::EspProposal;
using config::Phase2;
using wire::NotifyType;
using wire::PayloadType;
using wire::TrafficSelector;

std::array<std::uint8_t, 4> spi_octets(EspSpi spi) {
    std::array<std::uint8_t, 4> octets;
    store_big_endian(spi.value(), octets.data());
    return octets;
}

wire::NotifyPayload transport_mode_notify() {
    wire::NotifyPayload notify;
    notify.notify_type = NotifyType::use_transport_mode;
    return notify;
}

ChildRefusal selectors_refused(std::string message) {
    return {NotifyType::ts_unacceptable, Reason::traffic_selectors_unacceptable,
            std::move(message)};
}

ChildRefusal proposal_refused(std::string message) {
    return {NotifyType::no_proposal_chosen, Reason::esp_no_proposal_chosen, std::move(message)};
}

/// RFC 7296 section 2.23.1 lets us put the addresses of our end into the selectors; two peers
/// behind one NAT could then not be told apart, so we do not.
ChildRefusal transport_refused(const IkeSa& sa, const wire::Payloads& offer) {
    return {
        NotifyType::ts_unacceptable, Reason::transport_behind_nat,
        fmt::format("transport mode does not get through the NAT: the peer names {} <-> {} (ours "
                    "<-> its), its packets come from {} to {}",
                    to_text(offer.tsr->selectors), to_text(offer.tsi->selectors),
                    sa.remote.address.to_text(), sa.local.address.to_text())};
}

/// What is left of the peer's selectors within a phase 2; a side is empty if nothing is.
SelectorSet narrowed(const Phase2& phase2, const wire::Payloads& offer) {
    const SelectorSet own = selectors_of(phase2.selectors);
    return {narrow(offer.tsr->selectors, own.local), narrow(offer.tsi->selectors, own.remote)};
}

struct Candidate {
    std::size_t phase2 = 0;
    SelectorSet selectors;
    bool has_first = false;  ///< what the peer names first is among them
    bool exact = false;      ///< the peer asks for just what is configured

    bool is_better_than(const Candidate& other) const {
        if (has_first != other.has_first) return has_first;
        return exact && !other.exact;
    }
};

/// What the peer names first is the packet that it is about, if one is: the answer must include it
/// where the configuration allows that (RFC 7296 section 2.9).
bool allows_first(const SelectorSet& own, const wire::Payloads& offer) {
    const auto covers_first = [](std::span<const TrafficSelector> ours,
                                 std::span<const TrafficSelector> theirs) {
        return !theirs.empty() && covers(ours, theirs.first(1));
    };
    return covers_first(own.local, offer.tsr->selectors) &&
           covers_first(own.remote, offer.tsi->selectors);
}

/// The phase 2 that fits best: one that has what the peer names first, among those one that is
/// meant exactly, else the first that has anything in common with the offer. `only`: no other one
/// is asked.
std::optional<Candidate> best_phase2(const config::Phase1& phase1, const wire::Payloads& offer,
                                     std::size_t only) {
    std::optional<Candidate> best;
    for (std::size_t i = 0; i < phase1.phase2s.size(); ++i) {
        if (only != no_phase2 && only != i) continue;
        Candidate candidate{.phase2 = i, .selectors = narrowed(phase1.phase2s[i], offer)};
        if (candidate.selectors.local.empty() || candidate.selectors.remote.empty()) continue;
        const SelectorSet own = selectors_of(phase1.phase2s[i].selectors);
        candidate.has_first = allows_first(own, offer);
        candidate.exact = covers(candidate.selectors.local, own.local) &&
                          covers(candidate.selectors.remote, own.remote);
        if (!best || candidate.is_better_than(*best)) best = std::move(candidate);
    }
    return best;
}

std::string configured_selectors(const config::Phase1& phase1) {
    std::string text;
    for (const Phase2& phase2 : phase1.phase2s) {
        const SelectorSet own = selectors_of(phase2.selectors);
        text += fmt::format("{}{}: {} <-> {}", text.empty() ? "" : "; ", phase2.name,
                            to_text(own.local), to_text(own.remote));
    }
    return text;
}

/// The first pair that holds the packet: what a peer with one pair for each Child SA takes.
void keep_pair_of(std::vector<TrafficSelector>& own, std::span<const TrafficSelector> packet) {
    const auto holds = [packet](const TrafficSelector& one) {
        return packet.empty() || covers({&one, 1}, packet);
    };
    const auto found = std::ranges::find_if(own, holds);
    own = {found == own.end() ? own.front() : *found};
}

/// The selectors of the packet that is the reason go first (RFC 7296 section 2.9), unless the
/// payload is full: what is configured holds them anyway.
void put_in_front(std::vector<TrafficSelector>& own, std::span<const TrafficSelector> packet) {
    if (own.size() + packet.size() > wire::TrafficSelectorPayload::max_selectors) return;
    own.insert(own.begin(), packet.begin(), packet.end());
}

/// What a request of ours names for a phase 2.
SelectorSet offered_selectors(const Phase2& phase2, const CreateChild& wish) {
    SelectorSet own = selectors_of(phase2.selectors);
    SelectorSet packet;
    if (wish.acquire) {
        const SelectorSet flow = selectors_of(wish.acquire->flow);
        packet = {narrow(flow.local, own.local), narrow(flow.remote, own.remote)};
    }
    if (wish.single_pair || phase2.initiator_ts_narrow) {
        keep_pair_of(own.local, packet.local);
        keep_pair_of(own.remote, packet.remote);
    }
    put_in_front(own.local, packet.local);
    put_in_front(own.remote, packet.remote);
    return own;
}

/// The mode both ends want (RFC 7296 section 1.3.1): transport only if it is asked for and agreed.
std::expected<xfrm::Mode, ChildRefusal> agree_on_mode(const Phase2& phase2, bool peer_wants) {
    if (phase2.encapsulation == Encapsulation::tunnel) return xfrm::Mode::tunnel;
    if (peer_wants) return xfrm::Mode::transport;
    return std::unexpected(proposal_refused(
        fmt::format("phase 2 {} is transport-mode, the peer wants tunnel-mode", phase2.name)));
}

TrafficSelector selector_of(const Subnet& subnet, std::uint8_t protocol, std::uint16_t port,
                            std::uint16_t port_mask) {
    TrafficSelector selector;
    selector.addresses = subnet.range();
    selector.protocol = protocol;
    if (port_mask != 0) selector.start_port = selector.end_port = port;
    return selector;
}

}  // namespace

SelectorSet selectors_of(const xfrm::Selector& flow) {
    return {{selector_of(flow.source, flow.protocol, flow.source_port, flow.source_port_mask)},
            {selector_of(flow.destination, flow.protocol, flow.destination_port,
                         flow.destination_port_mask)}};
}

std::vector<EspProposal> usable_proposals(const Phase2& phase2, const EngineContext& context) {
    std::vector<EspProposal> usable;
    std::ranges::copy_if(
        phase2.proposals, std::back_inserter(usable), [&](const EspProposal& proposal) {
            return std::ranges::find(context.kernel_lacks, proposal) == context.kernel_lacks.end();
        });
    return usable;
}

std::vector<EspProposal> offered_proposals(const IkeSa& sa, std::size_t phase2,
                                           const EngineContext& context) {
    auto usable = usable_proposals(sa.phase1().phase2s[phase2], context);
    if (!sa.phase1().offload_prefer_suites) return usable;
    return prefer_offloaded(usable, sa.phase1().interface, context.offload_takes);
}

EspTerms esp_terms(const IkeSa& sa, std::size_t phase2, std::span<const EspProposal> usable,
                   wire::ExchangeType exchange) {
    EspTerms terms{usable, sa.phase1().esn};
    if (exchange == wire::ExchangeType::ike_auth) return terms;
    const Phase2& configured = sa.phase1().phase2s[phase2];
    terms.key_exchanges = std::span<const wire::KeyExchangeMethod>{};
    if (configured.pfs) terms.key_exchanges = configured.key_exchanges;
    return terms;
}

void add_child_proposals(wire::ChainWriter& chain, const IkeSa& sa, const ChildWish& wish,
                         wire::ExchangeType exchange, const EngineContext& context) {
    const Phase2& phase2 = sa.phase1().phase2s[wish.phase2];
    if (phase2.encapsulation == Encapsulation::transport) chain.add(transport_mode_notify());
    const auto spi = spi_octets(wish.spi_in);
    const auto proposals = offered_proposals(sa, wish.phase2, context);
    chain.add(esp_offer(esp_terms(sa, wish.phase2, proposals, exchange), spi));
}

void add_child_selectors(wire::ChainWriter& chain, const IkeSa& sa, const CreateChild& wish,
                         const ChildSa* rekeyed) {
    SelectorSet offer = offered_selectors(sa.phase1().phase2s[wish.phase2], wish);
    if (rekeyed != nullptr && may_share_address(sa)) offer = rekeyed->selectors;
    chain.add(PayloadType::traffic_selectors_initiator,
              wire::TrafficSelectorPayload{std::move(offer.local)});
    chain.add(PayloadType::traffic_selectors_responder,
              wire::TrafficSelectorPayload{std::move(offer.remote)});
}

std::expected<ChildPlan, ChildRefusal> choose_child(const IkeSa& sa, const wire::Payloads& offer,
                                                    wire::ExchangeType exchange, std::size_t only,
                                                    const EngineContext& context) {
    auto candidate = best_phase2(sa.phase1(), offer, only);
    const bool peer_wants_transport = offer.find(NotifyType::use_transport_mode) != nullptr;
    const bool transport_only =
        !candidate ||
        sa.phase1().phase2s[candidate->phase2].encapsulation == Encapsulation::transport;
    if (peer_wants_transport && transport_only && nat_traversal::packs_into_udp(sa) &&
        !nat_traversal::names_outer_addresses(sa, offer))
        return std::unexpected(transport_refused(sa, offer));
    if (!candidate)
        return std::unexpected(selectors_refused(fmt::format(
            "failed to match peer selectors: the peer offers {} <-> {} (ours <-> its), configured "
            "is {}",
            to_text(offer.tsr->selectors), to_text(offer.tsi->selectors),
            configured_selectors(sa.phase1()))));
    if (may_share_address(sa)) keep_single_subnet(candidate->selectors.remote);
    const Phase2& phase2 = sa.phase1().phase2s[candidate->phase2];
    const auto proposals = offered_proposals(sa, candidate->phase2, context);
    const auto sent = offer.ke ? offer.ke->method : wire::KeyExchangeMethod::none;
    const auto esp =
        choose_esp(*offer.sa, esp_terms(sa, candidate->phase2, proposals, exchange), sent);
    if (!esp)
        return std::unexpected(proposal_refused(fmt::format(
            "no proposal in common for phase 2 {}: the peer offers {}, configured is {}",
            phase2.name, describe(*offer.sa), describe(phase2.proposals))));
    const xfrm::Mode mode = XFRMD_TRY(agree_on_mode(phase2, peer_wants_transport));
    return ChildPlan{candidate->phase2, *esp, std::move(candidate->selectors), mode, 0};
}

std::expected<ChildPlan, ChildRefusal> accept_child_answer(const IkeSa& sa, const ChildWish& wish,
                                                           const wire::Payloads& answer,
                                                           wire::ExchangeType exchange,
                                                           const EngineContext& context) {
    const Phase2& phase2 = sa.phase1().phase2s[wish.phase2];
    const auto proposals = offered_proposals(sa, wish.phase2, context);
    const auto esp = accept_esp_answer(*answer.sa, esp_terms(sa, wish.phase2, proposals, exchange));
    if (!esp)
        return std::unexpected(proposal_refused(
            fmt::format("the peer's choice for phase 2 {} was not offered: it answers {}, we "
                        "offered {}",
                        phase2.name, describe(*answer.sa), describe(proposals))));
    const SelectorSet own = selectors_of(phase2.selectors);
    SelectorSet agreed{answer.tsi->selectors, answer.tsr->selectors};
    if (agreed.local.empty() || agreed.remote.empty() || !covers(own.local, agreed.local) ||
        !covers(own.remote, agreed.remote))
        return std::unexpected(selectors_refused(fmt::format(
            "the peer's selectors for phase 2 {} go beyond ours: it answers {} <-> {}, we offered "
            "{} <-> {}",
            phase2.name, to_text(agreed.local), to_text(agreed.remote), to_text(own.local),
            to_text(own.remote))));
    // Each pair of selectors becomes policies: a peer that repeats itself makes no more of them.
    agreed = {narrow(agreed.local, own.local), narrow(agreed.remote, own.remote)};
    if (may_share_address(sa) && !is_single_subnet(agreed.remote))
        return std::unexpected(selectors_refused(
            fmt::format("a peer behind a NAT may have one network in a Child SA of phase 2 {}, and "
                        "answers {}",
                        phase2.name, to_text(agreed.remote))));
    const bool peer_agrees = answer.find(NotifyType::use_transport_mode) != nullptr;
    const xfrm::Mode mode = XFRMD_TRY(agree_on_mode(phase2, peer_agrees));
    ChildPlan plan{wish.phase2, *esp, std::move(agreed), mode};
    plan.initiated = true;
    return plan;
}

void add_chosen_proposal(wire::ChainWriter& chain, const ChildSa& child, const EspChoice& choice) {
    if (child.mode == xfrm::Mode::transport) chain.add(transport_mode_notify());
    const auto spi = spi_octets(child.spi_in);
    chain.add(esp_answer(choice, spi));
}

void add_chosen_selectors(wire::ChainWriter& chain, const ChildSa& child) {
    chain.add(PayloadType::traffic_selectors_initiator,
              wire::TrafficSelectorPayload{child.selectors.remote});
    chain.add(PayloadType::traffic_selectors_responder,
              wire::TrafficSelectorPayload{child.selectors.local});
}

const wire::NotifyPayload* child_error(const wire::Payloads& payloads) {
    const auto found = std::ranges::find_if(payloads.notifies, [](const wire::NotifyPayload& n) {
        return wire::is_error(n.notify_type);
    });
    return found == payloads.notifies.end() ? nullptr : &*found;
}

ChildRefusal peer_refusal(const IkeSa& sa, const ChildWish& wish, NotifyType notify) {
    const Phase2& phase2 = sa.phase1().phase2s[wish.phase2];
    const SelectorSet own = selectors_of(phase2.selectors);
    if (notify == NotifyType::ts_unacceptable)
        return selectors_refused(
            fmt::format("the peer refuses our selectors {} <-> {} of phase 2 "
                        "{} (TS_UNACCEPTABLE)",
                        to_text(own.local), to_text(own.remote), phase2.name));
    if (notify == NotifyType::no_proposal_chosen)
        return proposal_refused(
            fmt::format("the peer takes none of our proposals {} for phase 2 {} "
                        "(NO_PROPOSAL_CHOSEN)",
                        describe(phase2.proposals), phase2.name));
    return {notify, Reason::peer_refused,
            fmt::format("the peer refuses phase 2 {} ({})", phase2.name, wire::to_text(notify))};
}

}  // namespace xfrmd::ike
