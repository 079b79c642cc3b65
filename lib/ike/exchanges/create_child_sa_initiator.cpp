#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/error.hpp"
#include "crypto/key_schedule.hpp"
#include "ike/child_kernel.hpp"
#include "ike/child_negotiation.hpp"
#include "ike/exchanges/collision.hpp"
#include "ike/exchanges/create_child_sa.hpp"
#include "ike/exchanges/nonce.hpp"
#include "ike/lifetimes.hpp"
#include "ike/sk_message.hpp"

namespace xfrmd::ike::create_child_sa {
namespace {

using wire::ExchangeType;
using wire::KeyExchangeMethod;
using wire::NotifyType;

/// INVALID_KE_PAYLOAD that we follow in one exchange: one is normal.
constexpr std::uint32_t max_retries = 2;

/// DELETEs of unknown Child SAs that are remembered while a request is out: an honest peer sends
/// one.
constexpr std::size_t max_unknown_deletes = 16;

/// Generates the private value that PFS wants; false if the library lacks the group.
bool prepare_key_exchange(ChildRequest& request, KeyExchangeMethod group, EngineContext& context) {
    auto key_exchange = crypto::KeyExchange::generate(context.library, group, context.random);
    if (!key_exchange) return false;
    request.key_exchange = std::move(*key_exchange);
    return true;
}

void add_rekey_notify(wire::ChainWriter& chain, const ChildSa& old) {
    // "the SPI ... is the one the exchange initiator would expect in inbound ESP" (section 3.10.1).
    std::array<std::uint8_t, 4> spi;
    store_big_endian(old.spi_in.value(), spi.data());
    wire::NotifyPayload notify;
    notify.protocol = wire::ProtocolId::esp;
    notify.spi = spi;
    notify.notify_type = NotifyType::rekey_sa;
    chain.add(notify);
}

Datagrams build(IkeSa& sa, const ChildRequest& request, EngineContext& context) {
    SkMessageWriter message = SkMessageWriter::request(sa, ExchangeType::create_child_sa, context);
    wire::ChainWriter& chain = message.inner();
    const ChildSa* old = sa.find_child(request.rekeys);
    if (old != nullptr) add_rekey_notify(chain, *old);
    add_child_proposals(chain, sa, {request.wish.phase2, request.spi_in},
                        ExchangeType::create_child_sa, context);
    chain.add(wire::NoncePayload{request.nonce});
    if (request.key_exchange)
        chain.add(wire::KeyExchangePayload{request.key_exchange->method(),
                                           request.key_exchange->public_value()});
    add_child_selectors(chain, sa, request.wish, old);
    return message.seal();
}

void send(IkeSa& sa, ChildRequest request, EngineContext& context) {
    Datagrams message = build(sa, request, context);
    std::get<Established>(sa.state).pending = std::move(request);
    sa.send_request(std::move(message), context);
}

/// The attempt is over, without a Child SA.
void give_up(IkeSa& sa, const ChildRequest& request, const ChildRefusal& refusal,
             EngineContext& context) {
    context.esp_spis.erase(request.spi_in);
    if (request.rekeys == EspSpi(0))
        return sa.on_child_failed(request.wish.phase2, refusal, context);
    // What the peer made of its own request stands in for ours.
    if (request.collision && sa.find_child(request.collision->spi) != nullptr) return;
    if (sa.find_child(request.rekeys) == nullptr) return;
    sa.emit_child_failure(request.wish.phase2, refusal, context);
    lifetimes::retry_child_rekey(sa, request.rekeys, context);
}

bool needs_successor(IkeSa& sa, EspSpi spi_in) {
    const ChildSa* old = sa.find_child(spi_in);
    return old != nullptr && old->replaced_by == EspSpi(0);
}

/// Asks, for the first time or once more with other terms. Before it is asked again the peer may
/// have replaced the Child SA itself: then nothing is sent.
void start(IkeSa& sa, ChildRequest request, EngineContext& context) {
    if (request.rekeys != EspSpi(0) && !needs_successor(sa, request.rekeys)) return;
    const config::Phase2& phase2 = sa.phase1().phase2s[request.wish.phase2];
    request.nonce = fresh_nonce(context.random);
    const bool pfs = phase2.pfs && !phase2.key_exchanges.empty();
    if (pfs && !request.key_exchange &&
        !prepare_key_exchange(request, phase2.key_exchanges.front(), context))
        return give_up(sa, request,
                       {NotifyType::no_proposal_chosen, Reason::invalid_key_exchange,
                        "this machine's library lacks the first group of dhgrp"},
                       context);
    request.spi_in = context.take_esp_spi(sa.own_spi());
    send(sa, std::move(request), context);
}

/// Asks once more, with the group that the peer wants (RFC 7296 section 1.3.1).
void follow_invalid_ke(IkeSa& sa, ChildRequest request, const wire::NotifyPayload& notify,
                       EngineContext& context) {
    const auto refused = [&](std::string message) {
        give_up(sa, request,
                {NotifyType::invalid_ke_payload, Reason::invalid_key_exchange, std::move(message)},
                context);
    };
    if (notify.data.size() != 2) return refused("an INVALID_KE_PAYLOAD of a wrong size");
    const KeyExchangeMethod wanted{load_big_endian<std::uint16_t>(notify.data.data())};
    const config::Phase2& phase2 = sa.phase1().phase2s[request.wish.phase2];
    const bool ours =
        phase2.pfs && std::ranges::find(phase2.key_exchanges, wanted) != phase2.key_exchanges.end();
    const bool same = request.key_exchange && request.key_exchange->method() == wanted;
    if (!ours || same || ++request.retries > max_retries)
        return refused(fmt::format("the peer wants {} for phase 2 {}, which {}",
                                   wire::to_text(wanted), phase2.name,
                                   ours ? "it had" : "we did not offer"));
    if (!prepare_key_exchange(request, wanted, context))
        return refused("this machine's library lacks the group that the peer wants");
    // Whatever the peer asked for meanwhile collides with the new request as it did with the old.
    context.esp_spis.erase(request.spi_in);
    start(sa, std::move(request), context);
}

/// The peer does not know the Child SA that we want to replace: it is of no use (section 2.25).
void on_child_not_found(IkeSa& sa, const ChildRequest& request, EngineContext& context) {
    context.esp_spis.erase(request.spi_in);
    if (!needs_successor(sa, request.rekeys)) return;
    sa.drop_child(request.rekeys, Reason::peer_forgot_child, context);
}

void on_error(IkeSa& sa, ChildRequest request, const wire::NotifyPayload& error,
              EngineContext& context) {
    switch (error.notify_type) {
        case NotifyType::invalid_ke_payload:
            return follow_invalid_ke(sa, std::move(request), error, context);
        case NotifyType::child_sa_not_found: return on_child_not_found(sa, request, context);
        case NotifyType::single_pair_required:
            if (request.wish.single_pair) break;
            context.esp_spis.erase(request.spi_in);
            request.wish.single_pair = true;
            return start(sa, std::move(request), context);
        case NotifyType::no_additional_sas:
            context.reports.emplace_back(NoAdditionalSas{sa.own_spi()});
            break;
        default: break;
    }
    const ChildWish wish{request.wish.phase2, request.spi_in};
    give_up(sa, request, peer_refusal(sa, wish, error.notify_type), context);
}

/// g^ir, or nothing without PFS.
std::expected<Secret, ChildRefusal> shared_secret(const ChildRequest& request,
                                                  const EspChoice& choice,
                                                  const wire::Payloads& payloads) {
    const auto refused = [](std::string message) {
        return std::unexpected(ChildRefusal{NotifyType::invalid_syntax,
                                            Reason::invalid_key_exchange, std::move(message)});
    };
    if (!request.key_exchange) return Secret{};
    if (choice.suite.key_exchange != request.key_exchange->method() || !payloads.ke ||
        payloads.ke->method != request.key_exchange->method())
        return refused("the peer answers with another group than the one we sent");
    auto shared = request.key_exchange->shared_secret(payloads.ke->data);
    if (!shared) return refused(crypto::to_text(shared.error()));
    return std::move(*shared);
}

/// Agrees on the Child SA of the response and asks the kernel for it.
std::expected<void, ChildRefusal> take_child(IkeSa& sa, const ChildRequest& request,
                                             const wire::Payloads& payloads,
                                             EngineContext& context) {
    if (!payloads.sa || !payloads.nonce || !payloads.tsi || !payloads.tsr)
        return std::unexpected(
            ChildRefusal{NotifyType::invalid_syntax, Reason::invalid_syntax,
                         "the CREATE_CHILD_SA response lacks SA, Nonce, TSi or TSr"});
    auto plan = accept_child_answer(sa, {request.wish.phase2, request.spi_in}, payloads,
                                    ExchangeType::create_child_sa, context);
    if (!plan) return std::unexpected(std::move(plan).error());
    const auto shared = shared_secret(request, plan->esp, payloads);
    if (!shared) return std::unexpected(shared.error());
    plan->replaces = request.rekeys;
    if (request.wish.acquire) plan->acquire_sequence = request.wish.acquire->sequence;
    const auto keys = crypto::derive_child_keys(
        crypto::Prf(context.library, sa.suite.prf), plan->esp.suite, sa.session()->keys.sk_d,
        shared->view(), request.nonce, payloads.nonce->data);
    return install_child(sa, std::move(*plan), request.spi_in, keys, Activation::now, context);
}

/// Both ends have replaced the same Child SA; true if ours is the successor that goes.
bool lost_collision(const ChildRequest& request, const wire::Payloads& payloads) {
    return request.collision && payloads.nonce &&
           loses(request.nonce, payloads.nonce->data, request.collision->lowest_nonce);
}

/// The peer's SPI for the Child SA of its answer; 0 if it cannot be told.
EspSpi answered_spi(const wire::Payloads& payloads) {
    if (!payloads.sa || payloads.sa->proposals.size() != 1) return EspSpi(0);
    return payloads.sa->proposals.front().esp_spi().value_or(EspSpi(0));
}

/// The peer has deleted the Child SA of its answer before the answer arrived. It knows no other one
/// any more: what was to be replaced goes too.
void on_deleted_early(IkeSa& sa, const ChildRequest& request, EngineContext& context) {
    context.esp_spis.erase(request.spi_in);
    if (request.rekeys != EspSpi(0))
        return sa.close_child(request.rekeys, Reason::peer_deleted, context);
    sa.on_child_failed(request.wish.phase2,
                       {NotifyType::temporary_failure, Reason::peer_deleted,
                        "the peer deleted the IPsec SA before its answer was here"},
                       context);
}

}  // namespace

void request(IkeSa& sa, const CreateChild& wish, EngineContext& context) {
    if (sa.serves(wish.phase2) && !wish.acquire) return;
    ChildRequest request;
    request.wish = wish;
    start(sa, std::move(request), context);
}

void request_rekey(IkeSa& sa, EspSpi spi_in, EngineContext& context) {
    if (!needs_successor(sa, spi_in)) return;
    const ChildSa* old = sa.find_child(spi_in);
    // The peer, which waits for our lost answer, would not know it: CHILD_SA_NOT_FOUND.
    if (!sa.is_confirmed(*old)) return lifetimes::retry_child_rekey(sa, spi_in, context);
    ChildRequest request;
    request.wish.phase2 = old->phase2;
    request.rekeys = spi_in;
    start(sa, std::move(request), context);
}

void withdraw_request(IkeSa& sa, const std::function<bool(std::size_t)>& is_outdated) {
    auto* request = sa.pending<ChildRequest>();
    if (request != nullptr && is_outdated(request->wish.phase2)) request->wish.phase2 = no_phase2;
}

void disown(IkeSa& sa, EspSpi spi_in, const wire::Payloads& payloads, EngineContext& context) {
    sa.ask(DeleteChildren{{{spi_in, answered_spi(payloads)}}}, context);
}

void on_unknown_deleted(IkeSa& sa, EspSpi spi_out) {
    auto* ours = sa.pending<ChildRequest>();
    if (ours != nullptr && ours->unknown_deletes.size() < max_unknown_deletes)
        ours->unknown_deletes.push_back(spi_out);
}

void finish(IkeSa& sa, ChildRequest request, const wire::Payloads& payloads,
            EngineContext& context) {
    const auto* error = child_error(payloads);
    const bool withdrawn = request.wish.phase2 == no_phase2;
    if (error != nullptr && !withdrawn) return on_error(sa, std::move(request), *error, context);
    if (withdrawn || lost_collision(request, payloads)) {
        context.esp_spis.erase(request.spi_in);
        if (error == nullptr) disown(sa, request.spi_in, payloads, context);
        return;
    }
    if (std::ranges::find(request.unknown_deletes, answered_spi(payloads)) !=
        request.unknown_deletes.end())
        return on_deleted_early(sa, request, context);
    const auto taken = take_child(sa, request, payloads, context);
    if (taken) return;
    disown(sa, request.spi_in, payloads, context);
    give_up(sa, request, taken.error(), context);
}

}  // namespace xfrmd::ike::create_child_sa
