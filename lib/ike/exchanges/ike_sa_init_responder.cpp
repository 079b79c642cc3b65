#include <fmt/format.h>

#include <array>

#include "crypto/error.hpp"
#include "ike/exchanges/ike_sa_init.hpp"
#include "ike/exchanges/nonce.hpp"
#include "ike/first_message.hpp"
#include "ike/nat_traversal.hpp"
#include "ike/proposal_text.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::ike::ike_sa_init {
namespace {

using wire::KeyExchangeMethod;
using wire::NotifyType;

/// Of an answer without its public value.
constexpr std::size_t usual_answer_size = 320;

/// What the first message leads to: a tunnel, as far as it can be told, and algorithms.
struct Match {
    std::shared_ptr<Tunnel> tunnel;
    IkeChoice choice;
};

std::optional<Match> match(const Call& call, const wire::Payloads& payloads) {
    for (const std::shared_ptr<Tunnel>& tunnel : call.candidates)
        if (const auto choice = choose_ike(*payloads.sa, *tunnel->phase1, payloads.ke->method))
            return Match{tunnel, *choice};
    return std::nullopt;
}

Event refusal_event(const Call& call, Reason reason, std::string message) {
    Event event;
    event.kind = EventKind::ike_sa_failed;
    event.severity = Severity::warning;
    event.message = std::move(message);
    event.peer = call.datagram.remote;
    event.spi_i = call.header.spi_i;
    event.reason = reason;
    event.unproved = true;
    if (call.candidates.size() == 1) event.phase1 = call.candidates.front()->name();
    return event;
}

std::nullptr_t refuse_unmatched(const Call& call, const wire::Payloads& payloads,
                                EngineContext& context) {
    if (call.candidates.empty()) {
        context.emit(refusal_event(
            call, Reason::no_gateway,
            fmt::format("{} calls {}, and no phase 1 is for it", call.datagram.remote.to_text(),
                        call.datagram.local.to_text())));
    } else {
        context.emit(refusal_event(
            call, Reason::no_proposal_chosen,
            fmt::format("no proposal in common: the peer offers {}, configured is {}",
                        describe(*payloads.sa), describe(*call.candidates.front()->phase1))));
    }
    refuse(call.datagram, call.header, NotifyType::no_proposal_chosen, {}, context);
    return nullptr;
}

/// N(INVALID_KE_PAYLOAD) names the group we want (RFC 7296 section 1.3).
std::nullptr_t ask_for_group(const Call& call, KeyExchangeMethod group, EngineContext& context) {
    std::array<std::uint8_t, 2> data;
    store_big_endian(std::to_underlying(group), data.data());
    refuse(call.datagram, call.header, NotifyType::invalid_ke_payload, data, context);
    return nullptr;
}

/// Nobody's beginning: it is told here, and not answered.
std::nullptr_t refuse_public_value(const Call& call, crypto::CryptoError error,
                                   EngineContext& context) {
    context.emit(refusal_event(call, Reason::invalid_key_exchange, crypto::to_text(error)));
    return nullptr;
}

/// Whoever wants may leave the Child SA out of IKE_AUTH (RFC 6023 section 3).
wire::NotifyPayload childless_announcement() {
    wire::NotifyPayload notify;
    notify.notify_type = NotifyType::childless_ikev2_supported;
    return notify;
}

/// HDR, SAr1, KEr, Nr, [N(IKEV2_FRAGMENTATION_SUPPORTED),] N(CHILDLESS_IKEV2_SUPPORTED),
/// [N(NAT_DETECTION_*)]
Bytes build(const IkeSa& sa, const IkeChoice& choice, ByteView public_value, ByteView nonce,
            config::NatTraversal nat_traversal, const EngineContext& context) {
    Bytes message;
    message.reserve(usual_answer_size + public_value.size());
    wire::Header header;
    header.spi_i = sa.spi_i;
    header.spi_r = sa.spi_r;
    header.exchange = wire::ExchangeType::ike_sa_init;
    header.response = true;
    header.append_to(message);
    wire::ChainWriter chain(message, wire::Header::next_payload_at);
    chain.add(ike_answer(choice));
    chain.add(wire::KeyExchangePayload{choice.suite.key_exchange, public_value});
    chain.add(wire::NoncePayload{nonce});
    if (sa.fragmentation.agreed) chain.add(fragmentation::announcement());
    chain.add(childless_announcement());
    nat_traversal::announce(chain, nat_traversal, {sa.spi_i, sa.spi_r}, sa.path(), context);
    wire::finish_message(message);
    return message;
}

/// What is to be done about NATs: nothing if the peer does not speak of them, whose request may
/// then be too short for an answer that does.
config::NatTraversal nat_traversal_with(const IkeSa& sa, const wire::Payloads& request) {
    const bool is_spoken = request.find(NotifyType::nat_detection_source_ip) != nullptr;
    return is_spoken ? sa.phase1().nat_traversal : config::NatTraversal::disable;
}

/// A message that breaks the rules is told here, and not answered: who sends it is not to be
/// helped. One that is right but asks for too much hears so (RFC 7296 section 2.5).
std::nullptr_t refuse_broken(const Call& call, const wire::ParseError& error,
                             EngineContext& context) {
    const bool is_critical = error.kind == wire::ParseError::Kind::unsupported_critical_payload;
    context.emit(refusal_event(
        call, is_critical ? Reason::unsupported_critical_payload : Reason::invalid_syntax,
        "IKE_SA_INIT request refused: " + error.to_text()));
    const std::uint8_t type = std::to_underlying(error.payload);
    if (is_critical) refuse(call.datagram, call.header, error.notify_type(), {&type, 1}, context);
    return nullptr;
}

/// No honest request is so much smaller than its answer, which repeats most of it.
std::nullptr_t refuse_small_request(const Call& call, EngineContext& context) {
    context.emit(refusal_event(call, Reason::limit_reached,
                               "the answer to the IKE_SA_INIT request would be much longer than "
                               "the request, and its sender has not proved its address"));
    return nullptr;
}

}  // namespace

void refuse(const DatagramReceived& datagram, const wire::Header& request, NotifyType type,
            ByteView data, EngineContext& context) {
    wire::Header header;
    header.spi_i = request.spi_i;
    header.exchange = request.exchange;
    header.response = true;
    header.initiator = !request.initiator;
    header.message_id = request.message_id;
    Bytes message;
    header.append_to(message);
    wire::NotifyPayload notify;
    notify.notify_type = type;
    notify.data = data;
    wire::ChainWriter(message, wire::Header::next_payload_at).add(notify);
    wire::finish_message(message);
    if (message.size() > longest_answer_to(datagram.octets.size())) return;
    context.outputs.emplace_back(Transmit{datagram.local, datagram.remote, std::move(message)});
}

std::unique_ptr<IkeSa> respond(const Call& call, EngineContext& context) {
    const ByteView octets = call.datagram.octets;
    const auto payloads =
        wire::parse_payloads(call.header.next_payload, octets.subspan(wire::Header::size));
    if (!payloads) return refuse_broken(call, payloads.error(), context);
    if (!payloads->sa || !payloads->ke || !payloads->nonce) {
        const wire::ParseError missing{wire::ParseError::Kind::invalid_syntax,
                                       wire::PayloadType::none, "SA, KE or Nonce is missing"};
        return refuse_broken(call, missing, context);
    }
    const auto found = match(call, *payloads);
    if (!found) return refuse_unmatched(call, *payloads, context);
    const KeyExchangeMethod group = found->choice.suite.key_exchange;
    if (group != payloads->ke->method) return ask_for_group(call, group, context);

    if (!crypto::may_be_public_value(context.library, group, payloads->ke->data))
        return refuse_public_value(call, crypto::CryptoError::invalid_public_value, context);

    auto sa = std::make_unique<IkeSa>(Role::responder, call.header.spi_i, call.spi,
                                      call.datagram.local, call.datagram.remote, Dead{});
    sa->tunnel = found->tunnel;
    sa->suite = found->choice.suite;
    sa->fragmentation.agreed =
        sa->phase1().fragmentation && payloads->find(NotifyType::ikev2_fragmentation_supported);
    sa->began = context.now.boottime;
    const config::NatTraversal nat_traversal = nat_traversal_with(*sa, *payloads);
    InitAnswered state;
    state.material.init_request = to_bytes(octets);
    state.material.nonce_i = to_bytes(payloads->nonce->data);
    state.material.nonce_r = fresh_nonce(context.random);
    const auto answer_with = [&](ByteView public_value) {
        return build(*sa, found->choice, public_value, state.material.nonce_r, nat_traversal,
                     context);
    };
    // What is not answered costs no key exchange either.
    const Bytes longest(crypto::public_value_size(group));
    if (answer_with(longest).size() > call.longest_answer)
        return refuse_small_request(call, context);

    const auto key_exchange = crypto::KeyExchange::generate(context.library, group, context.random);
    if (!key_exchange) return nullptr;
    const auto shared = key_exchange->shared_secret(payloads->ke->data);
    if (!shared) return refuse_public_value(call, shared.error(), context);
    state.session.keys = crypto::derive_ike_keys(
        context.library, sa->suite, shared->view(),
        {state.material.nonce_i, state.material.nonce_r, sa->spi_i, sa->spi_r});
    state.material.init_response = answer_with(key_exchange->public_value());
    sa->window.accepted_request(call.header.message_id, MessageWindow::fingerprint(octets));
    sa->send_response(one_datagram(state.material.init_response), context);
    sa->state = std::move(state);
    sa->log_keys(context);
    const nat_traversal::Spis spis{sa->spi_i, IkeSpi(0)};
    sa->nat = nat_traversal::find(*payloads, nat_traversal, spis, sa->path(), context);
    context.timers.arm({Timer::negotiate_timeout, sa->own_spi().value()},
                       context.now.boottime + sa->phase1().negotiate_timeout);
    return sa;
}

}  // namespace xfrmd::ike::ike_sa_init
