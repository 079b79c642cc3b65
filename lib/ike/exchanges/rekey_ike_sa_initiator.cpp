#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/error.hpp"
#include "ike/child_negotiation.hpp"
#include "ike/exchanges/collision.hpp"
#include "ike/exchanges/ike_sa_successor.hpp"
#include "ike/exchanges/informational.hpp"
#include "ike/exchanges/nonce.hpp"
#include "ike/exchanges/rekey_ike_sa.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/lifetimes.hpp"
#include "ike/proposal_text.hpp"
#include "ike/sk_message.hpp"

namespace xfrmd::ike::rekey_ike_sa {
namespace {

using wire::KeyExchangeMethod;
using wire::NotifyType;

/// INVALID_KE_PAYLOAD that we follow in one exchange: one is normal.
constexpr std::uint32_t max_retries = 2;

Datagrams build(IkeSa& sa, const IkeRekeyRequest& request, EngineContext& context) {
    std::array<std::uint8_t, 8> spi;
    store_big_endian(request.spi.value(), spi.data());
    wire::SaPayload offer = ike_offer(sa.phase1());
    give_spi(offer, spi);
    SkMessageWriter message =
        SkMessageWriter::request(sa, wire::ExchangeType::create_child_sa, context);
    wire::ChainWriter& chain = message.inner();
    chain.add(offer);
    chain.add(wire::NoncePayload{request.nonce});
    chain.add(wire::KeyExchangePayload{request.key_exchange.method(),
                                       request.key_exchange.public_value()});
    return message.seal();
}

void tell_failure(const IkeSa& sa, Reason reason, std::string message, EngineContext& context) {
    Event event = sa.event(EventKind::ike_sa_failed, Severity::warning,
                           "the IKE SA could not be rekeyed: " + std::move(message));
    event.reason = reason;
    context.emit(std::move(event));
}

/// The successor that the peer has asked for meanwhile, if there is one.
IkeSa* successor_of_peer(const IkeRekeyRequest& request, EngineContext& context) {
    return request.collision ? context.sas->find(request.collision->spi) : nullptr;
}

void give_up(IkeSa& sa, const IkeRekeyRequest& request, Reason reason, std::string message,
             EngineContext& context) {
    if (IkeSa* theirs = successor_of_peer(request, context); may_take_over(theirs)) {
        sa.hand_over(*theirs, context);
        return await_delete(sa, context);
    }
    tell_failure(sa, reason, std::move(message), context);
    lifetimes::retry_ike_rekey(sa, context);
}

void start(IkeSa& sa, KeyExchangeMethod group, std::uint32_t retries,
           std::optional<Collision<IkeSpi>> collision, EngineContext& context) {
    auto key_exchange = crypto::KeyExchange::generate(context.library, group, context.random);
    if (!key_exchange)
        return tell_failure(sa, Reason::invalid_key_exchange, crypto::to_text(key_exchange.error()),
                            context);
    IkeRekeyRequest request{context.sas->new_spi(context.random), fresh_nonce(context.random),
                            std::move(*key_exchange), retries, std::move(collision)};
    Datagrams message = build(sa, request, context);
    std::get<Established>(sa.state).pending = std::move(request);
    sa.send_request(std::move(message), context);
}

void follow_invalid_ke(IkeSa& sa, IkeRekeyRequest& request, const wire::NotifyPayload& notify,
                       EngineContext& context) {
    const auto& ours = sa.phase1().key_exchanges;
    const KeyExchangeMethod wanted{notify.data.size() == 2
                                       ? load_big_endian<std::uint16_t>(notify.data.data())
                                       : std::uint16_t{0}};
    if (std::ranges::find(ours, wanted) == ours.end() || wanted == request.key_exchange.method() ||
        request.retries == max_retries)
        return give_up(sa, request, Reason::invalid_key_exchange,
                       fmt::format("the peer wants {} in place of {}", wire::to_text(wanted),
                                   describe(sa.phase1())),
                       context);
    start(sa, wanted, request.retries + 1, std::move(request.collision), context);
}

void on_error(IkeSa& sa, IkeRekeyRequest& request, const wire::NotifyPayload& error,
              EngineContext& context) {
    if (error.notify_type == NotifyType::invalid_ke_payload)
        return follow_invalid_ke(sa, request, error, context);
    if (error.notify_type == NotifyType::no_additional_sas)
        context.reports.emplace_back(NoAdditionalSas{sa.own_spi()});
    give_up(sa, request, Reason::peer_refused,
            fmt::format("the peer answers {}", wire::to_text(error.notify_type)), context);
}

/// The successor of our request is there. Who is to delete what follows from the nonces
/// (RFC 7296 section 2.8.2).
void settle(IkeSa& sa, const IkeRekeyRequest& request, ByteView peer_nonce, IkeSa& ours,
            EngineContext& context) {
    IkeSa* theirs = successor_of_peer(request, context);
    const bool lost =
        request.collision && loses(request.nonce, peer_nonce, request.collision->lowest_nonce);
    if (lost) {
        if (may_take_over(theirs)) sa.hand_over(*theirs, context);
        ours.ask(DeleteIkeSa{}, context);
        return await_delete(sa, context);
    }
    sa.hand_over(ours, context);
    if (theirs != nullptr) await_delete(*theirs, context);
    informational::request_ike_delete(sa, context);
    ours.send_next(context);
}

}  // namespace

void request(IkeSa& sa, EngineContext& context) {
    start(sa, sa.suite.key_exchange, 0, std::nullopt, context);
}

void finish(IkeSa& sa, IkeRekeyRequest request, const wire::Payloads& payloads,
            EngineContext& context) {
    if (const auto* error = child_error(payloads)) return on_error(sa, request, *error, context);
    if (!payloads.sa || !payloads.ke || !payloads.nonce)
        return give_up(sa, request, Reason::invalid_syntax, "the response lacks SA, KE or Nonce",
                       context);
    wire::SaPayload answer = *payloads.sa;
    const KeyExchangeMethod sent = request.key_exchange.method();
    const auto spi_r = take_spi(answer);
    const auto choice = spi_r ? accept_ike_answer(answer, sa.phase1(), sent) : std::nullopt;
    if (!choice || payloads.ke->method != sent)
        return give_up(sa, request, Reason::no_proposal_chosen,
                       fmt::format("the peer's choice was not offered: it answers {}, we offered "
                                   "{}",
                                   describe(*payloads.sa), describe(sa.phase1())),
                       context);
    const auto shared = request.key_exchange.shared_secret(payloads.ke->data);
    if (!shared)
        return give_up(sa, request, Reason::invalid_key_exchange, crypto::to_text(shared.error()),
                       context);
    IkeSa& ours = make_successor(sa,
                                 {Role::initiator,
                                  choice->suite,
                                  shared->view(),
                                  {request.nonce, payloads.nonce->data, request.spi, *spi_r}},
                                 context);
    settle(sa, request, payloads.nonce->data, ours, context);
}

}  // namespace xfrmd::ike::rekey_ike_sa
