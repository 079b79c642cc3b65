#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/error.hpp"
#include "ike/exchanges/ike_auth.hpp"
#include "ike/exchanges/ike_sa_init.hpp"
#include "ike/exchanges/nonce.hpp"
#include "ike/nat_traversal.hpp"
#include "ike/proposal_text.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::ike::ike_sa_init {
namespace {

using wire::KeyExchangeMethod;
using wire::NotifyType;

/// Of a request without its public value.
constexpr std::size_t usual_request_size = 512;

wire::NotifyPayload cookie_notify(ByteView cookie) {
    wire::NotifyPayload notify;
    notify.notify_type = NotifyType::cookie;
    notify.data = cookie;
    return notify;
}

/// HDR, [N(COOKIE),] SAi1, KEi, Ni, [N(IKEV2_FRAGMENTATION_SUPPORTED),] [N(NAT_DETECTION_*)]
Bytes build(const IkeSa& sa, const InitSent& state, const EngineContext& context) {
    Bytes message;
    message.reserve(usual_request_size + state.key_exchange.public_value().size());
    wire::Header header;
    header.spi_i = sa.spi_i;
    header.exchange = wire::ExchangeType::ike_sa_init;
    header.initiator = true;
    header.append_to(message);
    wire::ChainWriter chain(message, wire::Header::next_payload_at);
    if (!state.cookie.empty()) chain.add(cookie_notify(state.cookie));
    chain.add(ike_offer(sa.phase1()));
    chain.add(
        wire::KeyExchangePayload{state.key_exchange.method(), state.key_exchange.public_value()});
    chain.add(wire::NoncePayload{state.nonce_i});
    if (sa.phase1().fragmentation) chain.add(fragmentation::announcement());
    nat_traversal::announce(chain, sa.phase1().nat_traversal, {sa.spi_i, IkeSpi(0)}, sa.path(),
                            context);
    wire::finish_message(message);
    return message;
}

void send_again(IkeSa& sa, EngineContext& context) {
    const auto& state = std::get<InitSent>(sa.state);
    sa.send_instead(one_datagram(build(sa, state, context)), context);
}

/// True if another try is allowed; else the negotiation has failed.
bool count_retry(IkeSa& sa, InitSent& state, const char* demand, EngineContext& context) {
    if (++state.retries <= max_retries) return true;
    sa.fail(
        Reason::too_many_retries,
        fmt::format("the peer answered with {} again, {} retries are enough", demand, max_retries),
        context);
    return false;
}

void follow_cookie(IkeSa& sa, const wire::NotifyPayload& notify, EngineContext& context) {
    // "between 1 and 64 octets in length" (RFC 7296 section 2.6).
    if (notify.data.empty() || notify.data.size() > 64)
        return sa.drop("a COOKIE of a wrong size", context);
    auto& state = std::get<InitSent>(sa.state);
    if (equal_bytes(state.cookie, notify.data))
        return sa.drop("a COOKIE that was sent back already", context);
    if (!count_retry(sa, state, "COOKIE", context)) return;
    state.cookie = to_bytes(notify.data);
    send_again(sa, context);
}

void follow_invalid_ke(IkeSa& sa, const wire::NotifyPayload& notify, EngineContext& context) {
    if (notify.data.size() != 2) return sa.drop("an INVALID_KE_PAYLOAD of a wrong size", context);
    auto& state = std::get<InitSent>(sa.state);
    const KeyExchangeMethod wanted{load_big_endian<std::uint16_t>(notify.data.data())};
    const auto& ours = sa.phase1().key_exchanges;
    if (wanted == state.key_exchange.method())
        return sa.drop("an INVALID_KE_PAYLOAD that was followed already", context);
    if (std::ranges::find(ours, wanted) == ours.end())
        return sa.fail(Reason::invalid_key_exchange,
                       fmt::format("the peer wants {}, which we did not offer: {}",
                                   wire::to_text(wanted), describe(sa.phase1())),
                       context);
    if (!count_retry(sa, state, "INVALID_KE_PAYLOAD", context)) return;
    auto key_exchange = crypto::KeyExchange::generate(context.library, wanted, context.random);
    if (!key_exchange)
        return sa.fail(Reason::invalid_key_exchange, crypto::to_text(key_exchange.error()),
                       context);
    state.key_exchange = std::move(*key_exchange);
    send_again(sa, context);
}

/// An error in clear text cannot be forged by anybody who has not seen our SPI; whoever has could
/// stop the negotiation by other means as well. So it is believed.
void on_error(IkeSa& sa, NotifyType error, EngineContext& context) {
    if (error == NotifyType::no_proposal_chosen)
        return sa.fail(Reason::no_proposal_chosen,
                       fmt::format("the peer takes none of our proposals {} (NO_PROPOSAL_CHOSEN)",
                                   describe(sa.phase1())),
                       context);
    sa.fail(Reason::peer_refused,
            fmt::format("the peer refuses IKE_SA_INIT ({})", wire::to_text(error)), context);
}

void on_answer(IkeSa& sa, const wire::Header& header, const wire::Payloads& payloads,
               ByteView octets, EngineContext& context) {
    auto& state = std::get<InitSent>(sa.state);
    const KeyExchangeMethod sent = state.key_exchange.method();
    const auto choice = accept_ike_answer(*payloads.sa, sa.phase1(), sent);
    if (!choice || payloads.ke->method != sent)
        return sa.fail(Reason::no_proposal_chosen,
                       fmt::format("the peer's choice was not offered: it answers {}, we offered "
                                   "{}",
                                   describe(*payloads.sa), describe(sa.phase1())),
                       context);
    const auto shared = state.key_exchange.shared_secret(payloads.ke->data);
    if (!shared)
        return sa.fail(Reason::invalid_key_exchange, crypto::to_text(shared.error()), context);

    sa.spi_r = header.spi_r;
    sa.suite = choice->suite;
    sa.fragmentation.agreed =
        sa.phase1().fragmentation && payloads.find(NotifyType::ikev2_fragmentation_supported);
    AuthSent next;
    next.material = {std::move(sa.window.outstanding()->datagrams.front()), to_bytes(octets),
                     std::move(state.nonce_i), to_bytes(payloads.nonce->data)};
    next.session.keys =
        crypto::derive_ike_keys(context.library, sa.suite, shared->view(),
                                {next.material.nonce_i, next.material.nonce_r, sa.spi_i, sa.spi_r});
    next.childless = sa.phase1().childless && payloads.find(NotifyType::childless_ikev2_supported);
    next.child = {state.phase2, next.childless ? EspSpi(0) : context.take_esp_spi(sa.spi_i),
                  state.acquire};
    sa.window.received_response();
    const nat_traversal::Spis spis{sa.spi_i, sa.spi_r};
    sa.nat = nat_traversal::find(payloads, sa.phase1().nat_traversal, spis, sa.path(), context);
    sa.enter(std::move(next), context);
    nat_traversal::float_to_port(sa);
    sa.log_keys(context);
    ike_auth::request(sa, context);
}

}  // namespace

std::unique_ptr<IkeSa> request(const Destination& destination, EngineContext& context) {
    const config::Phase1& phase1 = *destination.tunnel->phase1;
    auto key_exchange = crypto::KeyExchange::generate(context.library, phase1.key_exchanges.front(),
                                                      context.random);
    if (!key_exchange) return nullptr;
    auto sa = std::make_unique<IkeSa>(Role::initiator, destination.spi, IkeSpi(0),
                                      destination.local, destination.remote,
                                      InitSent{std::move(*key_exchange),
                                               fresh_nonce(context.random),
                                               {},
                                               0,
                                               destination.phase2,
                                               destination.acquire});
    sa->tunnel = destination.tunnel;
    sa->began = context.now.boottime;
    sa->send_request(one_datagram(build(*sa, std::get<InitSent>(sa->state), context)), context);
    context.timers.arm({Timer::negotiate_timeout, sa->own_spi().value()},
                       context.now.boottime + phase1.negotiate_timeout);
    return sa;
}

void finish(IkeSa& sa, const wire::Header& header, ByteView octets, EngineContext& context) {
    const auto payloads =
        wire::parse_payloads(header.next_payload, octets.subspan(wire::Header::size));
    if (!payloads) return sa.drop(payloads.error().what, context);
    if (const auto* cookie = payloads->find(NotifyType::cookie))
        return follow_cookie(sa, *cookie, context);
    if (const auto* invalid = payloads->find(NotifyType::invalid_ke_payload))
        return follow_invalid_ke(sa, *invalid, context);
    for (const wire::NotifyPayload& notify : payloads->notifies)
        if (wire::is_error(notify.notify_type)) return on_error(sa, notify.notify_type, context);
    if (!payloads->sa || !payloads->ke || !payloads->nonce || header.spi_r == IkeSpi(0))
        return sa.drop("an IKE_SA_INIT response without SA, KE, Nonce or SPI", context);
    on_answer(sa, header, *payloads, octets, context);
}

}  // namespace xfrmd::ike::ike_sa_init
