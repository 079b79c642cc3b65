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
    std::uint32_t acquire_sequence = 0;  ///< of the kernel's ACQUIRE that it answers; 0: none
};

/// Why there is none, and what the peer is told.
struct ChildRefusal {
    wire::NotifyType notify{};
    Reason reason{};
    std::string message;
};

/// A phase 2's tokens without those that this kernel cannot do; may be empty.
std::vector<config::EspProposal> usable_proposals(const config::Phase2& phase2,
                                                  const EngineContext& context);

/// Adds N(USE_TRANSPORT_MODE), SA, TSi and TSr of a phase 2 to a request. The phase 2 must have a
/// usable proposal.
void add_child_offer(wire::ChainWriter& chain, const IkeSa& sa, const ChildWish& wish,
                     const EngineContext& context);

/// As responder: the phase 2 that fits the peer's selectors best, narrowed to what both allow
/// (RFC 7296 section 2.9). The peer is the exchange's initiator.
std::expected<ChildPlan, ChildRefusal> choose_child(const IkeSa& sa, const wire::Payloads& offer,
                                                    const EngineContext& context);

/// As initiator: an answer that keeps within what was offered.
std::expected<ChildPlan, ChildRefusal> accept_child_answer(const IkeSa& sa, const ChildWish& wish,
                                                           const wire::Payloads& answer,
                                                           const EngineContext& context);

/// Adds N(USE_TRANSPORT_MODE), SA, TSi and TSr that tell the initiator what was chosen.
void add_child_answer(wire::ChainWriter& chain, const ChildSa& child, const EspChoice& choice);

/// The error notify in a message that says why there is no Child SA, or none.
const wire::NotifyPayload* child_error(const wire::Payloads& payloads);

/// An error notify about a Child SA, in our words.
ChildRefusal peer_refusal(const IkeSa& sa, const ChildWish& wish, wire::NotifyType notify);

}  // namespace xfrmd::ike
