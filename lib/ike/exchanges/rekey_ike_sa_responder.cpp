#include <array>
#include <utility>

#include "crypto/error.hpp"
#include "ike/exchanges/collision.hpp"
#include "ike/exchanges/create_child_sa.hpp"
#include "ike/exchanges/ike_sa_successor.hpp"
#include "ike/exchanges/nonce.hpp"
#include "ike/exchanges/rekey_ike_sa.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/proposal_text.hpp"
#include "ike/sk_message.hpp"

namespace xfrmd::ike::rekey_ike_sa {
namespace {

using wire::KeyExchangeMethod;
using wire::NotifyType;

/// What of ours forbids a successor now (RFC 7296 section 2.25.2): a Child SA is being made,
/// replaced or deleted, or the IKE SA ends.
bool is_busy(IkeSa& sa) {
    return !sa.is_established() || sa.is_closing() || sa.pending<ChildRequest>() != nullptr ||
           sa.pending<DeleteRequest>() != nullptr;
}

/// HDR, SK {SA, Nr, KEr}  <--
void send_answer(IkeSa& sa, const wire::Header& request, const IkeChoice& choice, IkeSpi spi,
                 ByteView nonce, const crypto::KeyExchange& key_exchange, EngineContext& context) {
    std::array<std::uint8_t, 8> octets;
    store_big_endian(spi.value(), octets.data());
    wire::SaPayload answer = ike_answer(choice);
    give_spi(answer, octets);
    SkMessageWriter message = SkMessageWriter::response(sa, request, context);
    wire::ChainWriter& chain = message.inner();
    chain.add(answer);
    chain.add(wire::NoncePayload{nonce});
    chain.add(wire::KeyExchangePayload{key_exchange.method(), key_exchange.public_value()});
    sa.send_response(message.seal(), context);
}

/// An answered request: with one of ours under way the nonces decide, else it is settled.
void settle(IkeSa& sa, IkeSa& successor, ByteView lowest, EngineContext& context) {
    if (auto* ours = sa.pending<IkeRekeyRequest>()) {
        ours->collision = Collision<IkeSpi>{successor.own_spi(), to_bytes(lowest)};
        return;
    }
    sa.hand_over(successor, context);
    await_delete(sa, context);
}

}  // namespace

void respond(IkeSa& sa, const wire::Header& request, wire::Payloads& payloads,
             EngineContext& context) {
    const auto refuse = [&](NotifyType type) {
        create_child_sa::refuse(sa, request, type, context);
    };
    if (is_busy(sa)) return refuse(NotifyType::temporary_failure);
    const auto* ours = sa.pending<IkeRekeyRequest>();
    if (ours != nullptr && ours->collision) return refuse(NotifyType::temporary_failure);
    if (!sa.use.ike_rekeys.try_take(allowance::ike_rekeys, context.now.boottime))
        return refuse(NotifyType::temporary_failure);
    const auto spi_i = payloads.sa ? take_spi(*payloads.sa) : std::nullopt;
    if (!spi_i || !payloads.ke || !payloads.nonce) return refuse(NotifyType::invalid_syntax);
    const auto choice = choose_ike(*payloads.sa, sa.phase1(), payloads.ke->method);
    if (!choice) return refuse(NotifyType::no_proposal_chosen);
    const KeyExchangeMethod group = choice->suite.key_exchange;
    if (group != payloads.ke->method)
        return create_child_sa::refuse_group(sa, request, group, context);
    const auto key_exchange = crypto::KeyExchange::generate(context.library, group, context.random);
    if (!key_exchange) return refuse(NotifyType::no_proposal_chosen);
    const auto shared = key_exchange->shared_secret(payloads.ke->data);
    if (!shared) return refuse(NotifyType::invalid_syntax);

    const IkeSpi spi_r = context.sas->new_spi(context.random);
    const Bytes nonce = fresh_nonce(context.random);
    IkeSa& successor = make_successor(sa,
                                      {Role::responder,
                                       choice->suite,
                                       shared->view(),
                                       {payloads.nonce->data, nonce, *spi_i, spi_r}},
                                      context);
    send_answer(sa, request, *choice, spi_r, nonce, *key_exchange, context);
    settle(sa, successor, lowest_nonce(payloads.nonce->data, nonce), context);
}

bool is_undecided(const IkeSa& successor, const EngineContext& context) {
    if (successor.predecessor == IkeSpi(0)) return false;
    IkeSa* old = context.sas->find(successor.predecessor);
    const auto* ours = old != nullptr ? old->pending<IkeRekeyRequest>() : nullptr;
    return ours != nullptr && ours->collision && ours->collision->spi == successor.own_spi();
}

void on_used_by_peer(IkeSa& successor, EngineContext& context) {
    const bool decides = is_undecided(successor, context);
    IkeSa* old = context.sas->find(std::exchange(successor.predecessor, IkeSpi(0)));
    if (decides && may_take_over(&successor)) old->hand_over(successor, context);
}

void on_deleted_by_peer(IkeSa& sa, EngineContext& context) {
    auto* ours = sa.pending<IkeRekeyRequest>();
    if (ours == nullptr || !ours->collision) return;
    IkeSa* theirs = context.sas->find(std::exchange(ours->collision, {})->spi);
    if (may_take_over(theirs)) sa.hand_over(*theirs, context);
}

}  // namespace xfrmd::ike::rekey_ike_sa
