// Agreeing on a Child SA: which phase 2, which algorithms, which selectors, which mode.
// The same whether it is asked for in IKE_AUTH or later.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "ike/ike_sa.hpp"
#include "wire/message.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::ike {

/// What both ends agreed on.
struct ChildPlan {
    std::size_t phase2 = 0;
    EspChoice esp;
    SelectorSet selectors;
    xfrm::Mode mode = xfrm::Mode::tunnel;
    bool initiated = false;  ///< we are the exchange's initiator
    EspSpi replaces{};       ///< our SPI of the Child SA it is the successor of; 0: none
    std::uint32_t acquire_sequence = 0;  ///< of the kernel's ACQUIRE that it answers; 0: none
};

/// Why there is none, and what the peer is told.
struct ChildRefusal {
    wire::NotifyType notify{};
    Reason reason{};
    std::string message;
};

/// The selectors of a packet that the kernel asked an SA for: one for each end.
SelectorSet selectors_of(const xfrm::Selector& flow);

/// A phase 2's tokens without those that this kernel cannot do; may be empty.
std::vector<config::EspProposal> usable_proposals(const config::Phase2& phase2,
                                                  const EngineContext& context);

/// The same in the order in which we offer them, and choose from what is offered.
std::vector<config::EspProposal> offered_proposals(const IkeSa& sa, std::size_t phase2,
                                                   const EngineContext& context);

/// The algorithms of a phase 2 in an exchange; `usable` is what `usable_proposals` gave.
EspTerms esp_terms(const IkeSa& sa, std::size_t phase2, std::span<const config::EspProposal> usable,
                   wire::ExchangeType exchange);

/// Adds N(USE_TRANSPORT_MODE) and SA of a phase 2 to a request. The phase 2 must have a usable
/// proposal.
void add_child_proposals(wire::ChainWriter& chain, const IkeSa& sa, const ChildWish& wish,
                         wire::ExchangeType exchange, const EngineContext& context);
/// Adds TSi and TSr of a phase 2 to a request: those of the packet that started it come first
/// (RFC 7296 section 2.9), and alone if the peer takes a single pair. `rekeyed`: the predecessor,
/// or null.
void add_child_selectors(wire::ChainWriter& chain, const IkeSa& sa, const CreateChild& wish,
                         const ChildSa* rekeyed = nullptr);

/// As responder: the phase 2 that fits the peer's selectors best, narrowed to what both allow
/// (RFC 7296 section 2.9). The peer is the exchange's initiator.
/// The successor of a Child SA is of its phase 2, given as `phase2`.
std::expected<ChildPlan, ChildRefusal> choose_child(const IkeSa& sa, const wire::Payloads& offer,
                                                    wire::ExchangeType exchange, std::size_t phase2,
                                                    const EngineContext& context);

/// As initiator: an answer that keeps within what was offered.
std::expected<ChildPlan, ChildRefusal> accept_child_answer(const IkeSa& sa, const ChildWish& wish,
                                                           const wire::Payloads& answer,
                                                           wire::ExchangeType exchange,
                                                           const EngineContext& context);

/// Adds N(USE_TRANSPORT_MODE) and SA that tell the initiator what was chosen.
void add_chosen_proposal(wire::ChainWriter& chain, const ChildSa& child, const EspChoice& choice);
/// Adds TSi and TSr that tell the initiator what was chosen.
void add_chosen_selectors(wire::ChainWriter& chain, const ChildSa& child);

/// The error notify in a message that says why there is no Child SA, or none.
const wire::NotifyPayload* child_error(const wire::Payloads& payloads);

/// An error notify about a Child SA, in our words.
ChildRefusal peer_refusal(const IkeSa& sa, const ChildWish& wish, wire::NotifyType notify);

}  // namespace xfrmd::ike
