#include <fmt/format.h>

#include <algorithm>

#include "crypto/key_schedule.hpp"
#include "ike/authentication.hpp"
#include "ike/child_kernel.hpp"
#include "ike/child_negotiation.hpp"
#include "ike/exchanges/create_child_sa.hpp"
#include "ike/exchanges/ike_auth.hpp"
#include "ike/exchanges/informational.hpp"
#include "ike/identity.hpp"
#include "ike/sk_message.hpp"

namespace xfrmd::ike::ike_auth {
namespace {

using wire::NotifyType;
using wire::PayloadType;

Bytes id_octets(const config::Identity& identity) {
    Bytes octets;
    payload_of(identity).append_to(octets);
    return octets;
}

/// INITIAL_CONTACT makes the peer forget all other IKE SAs of our identity (RFC 7296 section 2.4),
/// those of other tunnels to it included: so it is said only if there is none.
bool is_first_contact(const IkeSa& sa, const EngineContext& context) {
    return std::ranges::all_of(context.tunnels.candidates(sa.local.address, sa.remote.address),
                               [&](const auto& tunnel) {
                                   return tunnel->ike_sas.size() <= (tunnel == sa.tunnel ? 1U : 0U);
                               });
}

wire::NotifyPayload initial_contact() {
    wire::NotifyPayload notify;
    notify.notify_type = NotifyType::initial_contact;
    return notify;
}

/// The peer believes that the IKE SA is up; it must hear that it is not (RFC 7296 section 2.21.2).
void reject(IkeSa& sa, Reason reason, std::string message, EngineContext& context) {
    Event event = sa.event(EventKind::ike_sa_failed, Severity::warning, std::move(message));
    event.reason = reason;
    context.emit(std::move(event));
    informational::announce_authentication_failure(sa, context);
}

/// The peer sent no AUTH: it ended the negotiation.
void on_refusal(IkeSa& sa, const wire::Payloads& payloads, EngineContext& context) {
    const auto* error = child_error(payloads);
    if (error == nullptr)
        return sa.fail(Reason::invalid_syntax, "the IKE_AUTH response has no AUTH payload",
                       context);
    if (error->notify_type == NotifyType::authentication_failed)
        return sa.fail(Reason::authentication_failed_local,
                       fmt::format("the peer refuses our identity {} or our pre-shared key "
                                   "(AUTHENTICATION_FAILED)",
                                   own_identity(sa.phase1(), sa.local.address).text),
                       context);
    sa.fail(Reason::peer_refused,
            fmt::format("the peer refuses IKE_AUTH ({})", wire::to_text(error->notify_type)),
            context);
}

bool verify(const IkeSa& sa, const AuthSent& state, const wire::Payloads& payloads,
            const EngineContext& context) {
    if (payloads.auth->method != wire::AuthMethod::shared_key) return false;
    Bytes identity;
    payloads.idr->append_to(identity);
    const Secret expected =
        shared_key_auth(crypto::Prf(context.library, sa.suite.prf), sa.phase1().psk_remote->view(),
                        {state.material.init_response, state.material.nonce_i, identity,
                         state.session.keys.sk_pr.view()});
    return Secret::equal(expected.view(), payloads.auth->data);
}

/// Agrees on the Child SA of the response and asks the kernel for it.
std::expected<void, ChildRefusal> take_child(IkeSa& sa, const AuthSent& state,
                                             const wire::Payloads& payloads,
                                             EngineContext& context) {
    if (const auto* error = child_error(payloads))
        return std::unexpected(peer_refusal(sa, state.child, error->notify_type));
    if (!payloads.sa || !payloads.tsi || !payloads.tsr)
        return std::unexpected(ChildRefusal{NotifyType::invalid_syntax, Reason::invalid_syntax,
                                            "the IKE_AUTH response lacks SA, TSi or TSr"});
    auto plan =
        accept_child_answer(sa, state.child, payloads, wire::ExchangeType::ike_auth, context);
    if (!plan) return std::unexpected(std::move(plan).error());
    if (state.child.acquire) plan->acquire_sequence = state.child.acquire->sequence;
    const auto keys = crypto::derive_child_keys(crypto::Prf(context.library, sa.suite.prf),
                                                plan->esp.suite, state.session.keys.sk_d, {},
                                                state.material.nonce_i, state.material.nonce_r);
    return install_child(sa, std::move(*plan), state.child.spi_in, keys, Activation::now, context);
}

/// The IKE SA stands; what it was made for is asked for in an exchange of its own.
void establish_childless(IkeSa& sa, AuthSent& state, EngineContext& context) {
    CreateChild wish{state.child.phase2, std::move(state.child.acquire)};
    Session session = std::move(state.session);
    sa.enter(Established{std::move(session)}, context);
    sa.on_established(context);
    sa.ask(std::move(wish), context);
}

}  // namespace

void request(IkeSa& sa, EngineContext& context) {
    const auto& state = std::get<AuthSent>(sa.state);
    const config::Identity identity = own_identity(sa.phase1(), sa.local.address);
    const Secret auth =
        shared_key_auth(crypto::Prf(context.library, sa.suite.prf), sa.phase1().psk->view(),
                        {state.material.init_request, state.material.nonce_r, id_octets(identity),
                         state.session.keys.sk_pi.view()});

    SkMessageWriter message = SkMessageWriter::request(sa, wire::ExchangeType::ike_auth, context);
    wire::ChainWriter& chain = message.inner();
    chain.add(PayloadType::identification_initiator, payload_of(identity));
    if (is_first_contact(sa, context)) chain.add(initial_contact());
    if (sa.phase1().peer_id)
        chain.add(PayloadType::identification_responder, payload_of(*sa.phase1().peer_id));
    chain.add(wire::AuthPayload{wire::AuthMethod::shared_key, auth.view()});
    if (!state.childless) {
        add_child_proposals(chain, sa, state.child, wire::ExchangeType::ike_auth, context);
        add_child_selectors(chain, sa, {state.child.phase2, state.child.acquire});
    }
    sa.send_request(message.seal(), context);
}

void finish(IkeSa& sa, const wire::Payloads& payloads, EngineContext& context) {
    if (!payloads.auth || !payloads.idr) return on_refusal(sa, payloads, context);
    auto& state = std::get<AuthSent>(sa.state);
    sa.peer_identity = identity_of(*payloads.idr);
    sa.first_address = sa.remote.address;
    if (!accepts(sa.phase1(), *sa.peer_identity))
        return reject(sa, Reason::identity_mismatch,
                      fmt::format("the peer says it is {}, peerid is {}", sa.peer_identity->text,
                                  sa.phase1().peer_id ? sa.phase1().peer_id->text : "not set"),
                      context);
    if (!verify(sa, state, payloads, context))
        return reject(sa, Reason::authentication_failed_remote,
                      fmt::format("the proof of peer {} is wrong: its pre-shared key is not ours",
                                  sa.peer_identity->text),
                      context);

    if (state.childless) return establish_childless(sa, state, context);
    const auto child = take_child(sa, state, payloads, context);
    const std::size_t phase2 = state.child.phase2;
    const EspSpi spi_in = state.child.spi_in;
    Session session = std::move(state.session);
    sa.enter(Established{std::move(session)}, context);
    sa.on_established(context);
    if (child) return;
    sa.on_child_failed(phase2, child.error(), context);
    // The ends are out of step about more than a Child SA (RFC 7296 section 2.21.3).
    if (child.error().reason == Reason::invalid_syntax)
        return sa.close(Reason::invalid_syntax, context);
    if (payloads.sa) create_child_sa::disown(sa, spi_in, payloads, context);
}

}  // namespace xfrmd::ike::ike_auth
