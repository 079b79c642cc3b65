#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/key_schedule.hpp"
#include "ike/authentication.hpp"
#include "ike/child_kernel.hpp"
#include "ike/child_negotiation.hpp"
#include "ike/exchanges/ike_auth.hpp"
#include "ike/identity.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/sk_message.hpp"

namespace xfrmd::ike::ike_auth {
namespace {

using wire::NotifyType;
using wire::PayloadType;

/// Why the peer is turned away. It is told no more than AUTHENTICATION_FAILED.
struct Rejection {
    Reason reason{};
    std::string message;
};

bool suits(const config::Phase1& phase1, const crypto::IkeSuite& suite) {
    const config::IkeProposal proposal{suite.cipher, suite.integrity, suite.prf};
    return std::ranges::find(phase1.proposals, proposal) != phase1.proposals.end() &&
           std::ranges::find(phase1.key_exchanges, suite.key_exchange) !=
               phase1.key_exchanges.end();
}

/// The tunnel that the peer means, now that its identity is known: one that names it, else the
/// first that takes anybody. The pre-shared key has no part in the choice.
std::shared_ptr<Tunnel> revalidate(const IkeSa& sa, const config::Identity& peer,
                                   const EngineContext& context) {
    std::shared_ptr<Tunnel> anybody;
    for (auto& tunnel : context.tunnels.candidates(sa.local.address, sa.remote.address)) {
        const config::Phase1& phase1 = *tunnel->phase1;
        if (!suits(phase1, sa.suite) || !accepts(phase1, peer)) continue;
        if (phase1.peer_type == config::PeerType::one) return tunnel;
        if (!anybody) anybody = std::move(tunnel);
    }
    return anybody;
}

Secret auth_of_peer(const IkeSa& sa, const InitAnswered& state, ByteView psk,
                    const wire::Payloads& payloads, const EngineContext& context) {
    Bytes identity;
    payloads.idi->append_to(identity);
    return shared_key_auth(crypto::Prf(context.library, sa.suite.prf), psk,
                           {state.material.init_request, state.material.nonce_r, identity,
                            state.session.keys.sk_pi.view()});
}

Secret own_auth(const IkeSa& sa, const InitAnswered& state, const EngineContext& context) {
    Bytes identity;
    payload_of(own_identity(sa.phase1(), sa.local.address)).append_to(identity);
    return shared_key_auth(crypto::Prf(context.library, sa.suite.prf), sa.phase1().psk->view(),
                           {state.material.init_response, state.material.nonce_i, identity,
                            state.session.keys.sk_pr.view()});
}

/// Settles who the peer is. A wrong identity and a wrong key cost the same time and get the same
/// answer, so that nobody learns which identities exist.
std::optional<Rejection> authenticate(IkeSa& sa, const InitAnswered& state,
                                      const wire::Payloads& payloads,
                                      const EngineContext& context) {
    sa.peer_identity = identity_of(*payloads.idi);
    sa.first_address = sa.remote.address;
    const auto tunnel = revalidate(sa, *sa.peer_identity, context);
    const ByteView psk = tunnel ? tunnel->phase1->psk_remote->view() : as_bytes("nobody");
    const Secret expected = auth_of_peer(sa, state, psk, payloads, context);
    const bool proven = payloads.auth->method == wire::AuthMethod::shared_key &&
                        Secret::equal(expected.view(), payloads.auth->data);
    if (!tunnel)
        return Rejection{
            Reason::identity_mismatch,
            fmt::format("no phase 1 accepts a peer that says it is {}", sa.peer_identity->text)};
    sa.tunnel = tunnel;
    if (!proven)
        return Rejection{
            Reason::authentication_failed_remote,
            fmt::format("the proof of peer {} is wrong: its pre-shared key is not ours",
                        sa.peer_identity->text)};
    return std::nullopt;
}

void refuse(IkeSa& sa, const wire::Header& request, NotifyType type, const Rejection& rejection,
            EngineContext& context) {
    SkMessageWriter message = SkMessageWriter::response(sa, request, context);
    wire::NotifyPayload notify;
    notify.notify_type = type;
    message.inner().add(notify);
    sa.send_response(message.seal(), context);
    sa.fail(rejection.reason, rejection.message, context);
}

/// An IKE SA alone is asked for (RFC 6023 section 4).
bool is_childless(const wire::Payloads& payloads) {
    return !payloads.sa && !payloads.tsi && !payloads.tsr;
}

const char* missing_payload(const wire::Payloads& payloads) {
    if (!payloads.idi) return "IDi";
    if (is_childless(payloads)) return nullptr;
    if (!payloads.sa) return "SA";
    if (!payloads.tsi) return "TSi";
    if (!payloads.tsr) return "TSr";
    return nullptr;
}

/// The header of a request that is known to be the last one.
wire::Header last_request(const IkeSa& sa) {
    wire::Header header;
    header.spi_i = sa.spi_i;
    header.spi_r = sa.spi_r;
    header.exchange = wire::ExchangeType::ike_auth;
    header.message_id = MessageId(1);
    return header;
}

bool carries(const ChildSa& child, const ChildPlan& plan) {
    return child.state == ChildState::established && child.replaced_by == EspSpi(0) &&
           child.phase2 == plan.phase2 && covers(child.selectors.local, plan.selectors.local) &&
           covers(child.selectors.remote, plan.selectors.remote);
}

/// True if both ends have started at once and what we began has come up while the peer called: it
/// goes on carrying our traffic, for the peer cannot receive with another Child SA before it has
/// our answer. Which of the two stays is decided later (Surplus).
bool has_crossed(const IkeSa& sa, const ChildPlan& plan, const EngineContext& context) {
    if (!sa.tunnel->may_initiate()) return false;
    return std::ranges::any_of(sa.tunnel->ike_sas, [&](IkeSpi spi) {
        const IkeSa* other = context.sas->find(spi);
        return other != nullptr && other->role == Role::initiator && other->is_established() &&
               !other->is_closing() && other->established_at > sa.began &&
               other->peer_identity == sa.peer_identity &&
               std::ranges::any_of(other->children,
                                   [&](const ChildSa& child) { return carries(child, plan); });
    });
}

/// HDR, SK {IDr, AUTH, SAr2, TSi, TSr}; a notify in place of the last three, or nothing.
void send_answer(IkeSa& sa, ByteView auth, const ChildSa* child, const EspChoice* choice,
                 std::optional<NotifyType> refusal, EngineContext& context) {
    SkMessageWriter message = SkMessageWriter::response(sa, last_request(sa), context);
    wire::ChainWriter& chain = message.inner();
    const config::Identity identity = own_identity(sa.phase1(), sa.local.address);
    chain.add(PayloadType::identification_responder, payload_of(identity));
    chain.add(wire::AuthPayload{wire::AuthMethod::shared_key, auth});
    if (child != nullptr) {
        add_chosen_proposal(chain, *child, *choice);
        add_chosen_selectors(chain, *child);
    } else if (refusal) {
        wire::NotifyPayload notify;
        notify.notify_type = *refusal;
        chain.add(notify);
    }
    sa.send_response(message.seal(), context);
}

/// The IKE SA stands, the Child SA does not: the peer hears why and decides what to do with it.
void answer_without_child(IkeSa& sa, Session session, ByteView auth, std::size_t phase2,
                          const ChildRefusal& refusal, EngineContext& context) {
    sa.enter(Established{std::move(session)}, context);
    send_answer(sa, auth, nullptr, nullptr, refusal.notify, context);
    sa.on_established(context);
    sa.emit_child_failure(phase2, refusal, context);
}

void establish_childless(IkeSa& sa, Session session, ByteView auth, EngineContext& context) {
    sa.enter(Established{std::move(session)}, context);
    send_answer(sa, auth, nullptr, nullptr, std::nullopt, context);
    sa.on_established(context);
}

}  // namespace

void respond(IkeSa& sa, const wire::Header& request, const wire::Payloads& payloads,
             EngineContext& context) {
    auto& state = std::get<InitAnswered>(sa.state);
    if (const char* missing = missing_payload(payloads))
        return refuse(sa, request, NotifyType::invalid_syntax,
                      {Reason::invalid_syntax,
                       fmt::format("the IKE_AUTH request has no {} payload", missing)},
                      context);
    if (!payloads.auth)
        return refuse(sa, request, NotifyType::authentication_failed,
                      {Reason::authentication_failed_remote,
                       "the peer asks for EAP; only pre-shared keys are configured"},
                      context);
    if (const auto rejection = authenticate(sa, state, payloads, context))
        return refuse(sa, request, NotifyType::authentication_failed, *rejection, context);

    if (payloads.find(NotifyType::initial_contact) != nullptr)
        context.initial_contacts.push_back(sa.own_spi());
    const Secret auth = own_auth(sa, state, context);
    if (is_childless(payloads))
        return establish_childless(sa, std::move(state.session), auth.view(), context);
    auto plan = choose_child(sa, payloads, wire::ExchangeType::ike_auth, no_phase2, context);
    if (!plan)
        return answer_without_child(sa, std::move(state.session), auth.view(), no_phase2,
                                    plan.error(), context);

    const auto keys = crypto::derive_child_keys(crypto::Prf(context.library, sa.suite.prf),
                                                plan->esp.suite, state.session.keys.sk_d, {},
                                                state.material.nonce_i, state.material.nonce_r);
    const EspSpi spi_in = context.take_esp_spi(sa.own_spi());
    const EspChoice choice = plan->esp;
    const std::size_t phase2 = plan->phase2;
    const auto when = has_crossed(sa, *plan, context) ? Activation::later : Activation::now;
    const auto asked = install_child(sa, std::move(*plan), spi_in, keys, when, context);
    if (!asked) {
        context.esp_spis.erase(spi_in);
        return answer_without_child(sa, std::move(state.session), auth.view(), phase2,
                                    asked.error(), context);
    }
    Session session = std::move(state.session);
    sa.enter(AuthAnswering{std::move(session), to_bytes(auth.view()), choice}, context);
}

void on_installed(IkeSa& sa, EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                  EngineContext& context) {
    auto* state = std::get_if<AuthAnswering>(&sa.state);
    ChildSa* child = sa.find_child(spi_in);
    if (state == nullptr || child == nullptr || !child->installation) return;
    const auto outcome = continue_install(sa, *child, results, context);
    if (!outcome) return;
    const Bytes auth = std::move(state->auth);
    if (outcome->refusal) {
        const std::size_t phase2 = child->phase2;
        sa.forget_child(spi_in, context);
        return answer_without_child(sa, std::move(state->session), auth, phase2, *outcome->refusal,
                                    context);
    }
    const EspChoice choice = state->child;
    Session session = std::move(state->session);
    sa.enter(Established{std::move(session)}, context);
    send_answer(sa, auth, child, &choice, std::nullopt, context);
    sa.on_established(context);
    sa.on_child_established(*child, *outcome, context);
}

}  // namespace xfrmd::ike::ike_auth
