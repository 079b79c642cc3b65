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

void answer_with(IkeSa& sa, const wire::Header& request, const wire::NotifyPayload& notify,
                 EngineContext& context) {
    SkMessageWriter message = SkMessageWriter::response(sa, request, context);
    message.inner().add(notify);
    sa.send_response(message.seal(), context);
}

/// "the responder ... does not have a Child SA with that SPI" (RFC 7296 section 2.25): it is named.
void refuse_unknown_child(IkeSa& sa, const wire::Header& request, EspSpi spi,
                          EngineContext& context) {
    std::array<std::uint8_t, 4> octets;
    store_big_endian(spi.value(), octets.data());
    wire::NotifyPayload notify;
    notify.protocol = wire::ProtocolId::esp;
    notify.spi = octets;
    notify.notify_type = NotifyType::child_sa_not_found;
    answer_with(sa, request, notify, context);
}

/// What of ours forbids a Child SA now (RFC 7296 section 2.25): an end or a rekey of the IKE SA.
bool is_busy(IkeSa& sa) {
    return !sa.is_established() || sa.is_closing() || sa.pending<IkeRekeyRequest>() != nullptr;
}

/// True if our DELETE for a Child SA of the peer's SPI is under way.
bool is_deleting(IkeSa& sa, EspSpi spi_out) {
    if (sa.wishes.deletes_child(spi_out)) return true;
    const auto* request = sa.pending<DeleteRequest>();
    return request != nullptr && std::ranges::find(request->children, spi_out, &ChildSpis::out) !=
                                     request->children.end();
}

/// The Child SA that N(REKEY_SA) names, by our SPI; 0 if the request is for a new one. Nothing if
/// it was refused.
std::optional<EspSpi> judge_rekey(IkeSa& sa, const wire::Header& request,
                                  const wire::Payloads& payloads, EngineContext& context) {
    const auto* notify = payloads.find(NotifyType::rekey_sa);
    if (notify == nullptr) return EspSpi(0);
    const EspSpi spi_out = notify->esp_spi().value_or(EspSpi(0));
    const ChildSa* old = sa.find_child_of_peer(spi_out);
    if (old != nullptr && old->replaced_by == EspSpi(0) && old->state == ChildState::established)
        return old->spi_in;
    if (old != nullptr || is_deleting(sa, spi_out))
        refuse(sa, request, NotifyType::temporary_failure, context);
    else
        refuse_unknown_child(sa, request, spi_out, context);
    return std::nullopt;
}

void note_collision(IkeSa& sa, EspSpi rekeyed, EspSpi spi_in, ByteView lowest) {
    auto* ours = sa.pending<ChildRequest>();
    if (ours != nullptr && rekeyed != EspSpi(0) && ours->rekeys == rekeyed)
        ours->collision = Collision<EspSpi>{spi_in, to_bytes(lowest)};
}

void forget_collision(IkeSa& sa, EspSpi spi_in) {
    auto* ours = sa.pending<ChildRequest>();
    if (ours != nullptr && ours->collision && ours->collision->spi == spi_in)
        ours->collision.reset();
}

/// Our half of the key exchange of PFS.
struct KeyMaterial {
    Secret shared;
    Bytes public_value;
};

std::expected<KeyMaterial, crypto::CryptoError> exchange_keys(KeyExchangeMethod group,
                                                              ByteView peer_public_value,
                                                              EngineContext& context) {
    const auto own = crypto::KeyExchange::generate(context.library, group, context.random);
    if (!own) return std::unexpected(own.error());
    auto shared = own->shared_secret(peer_public_value);
    if (!shared) return std::unexpected(shared.error());
    return KeyMaterial{std::move(*shared), to_bytes(own->public_value())};
}

/// Asks the kernel for what was agreed on.
void install(IkeSa& sa, const wire::Header& request, const wire::Payloads& payloads, ChildPlan plan,
             const KeyMaterial& material, EngineContext& context) {
    ChildAnswer answer{request, context.take_esp_spi(sa.own_spi()), plan.esp,
                       fresh_nonce(context.random), material.public_value};
    const auto keys = crypto::derive_child_keys(
        crypto::Prf(context.library, sa.suite.prf), plan.esp.suite, sa.session()->keys.sk_d,
        material.shared.view(), payloads.nonce->data, answer.nonce);
    const std::size_t phase2 = plan.phase2;
    const EspSpi rekeyed = plan.replaces;
    // The peer cannot receive with the successor before it has our answer: until it deletes the
    // old one, we go on sending with that.
    const auto when = rekeyed == EspSpi(0) ? Activation::now : Activation::later;
    const auto asked = install_child(sa, std::move(plan), answer.spi_in, keys, when, context);
    if (!asked) {
        context.esp_spis.erase(answer.spi_in);
        sa.emit_child_failure(phase2, asked.error(), context);
        return refuse(sa, request, asked.error().notify, context);
    }
    note_collision(sa, rekeyed, answer.spi_in, lowest_nonce(payloads.nonce->data, answer.nonce));
    std::get<Established>(sa.state).answer = std::move(answer);
}

void agree(IkeSa& sa, const wire::Header& request, const wire::Payloads& payloads, EspSpi rekeyed,
           EngineContext& context) {
    const ChildSa* old = sa.find_child(rekeyed);
    const std::size_t only = old != nullptr ? old->phase2 : no_phase2;
    auto plan = choose_child(sa, payloads, ExchangeType::create_child_sa, only, context);
    if (!plan) {
        sa.emit_child_failure(only, plan.error(), context);
        return refuse(sa, request, plan.error().notify, context);
    }
    plan->replaces = rekeyed;
    KeyMaterial material;
    if (const auto group = plan->esp.suite.key_exchange; group != KeyExchangeMethod::none) {
        if (!payloads.ke || payloads.ke->method != group)
            return refuse_group(sa, request, group, context);
        auto exchanged = exchange_keys(group, payloads.ke->data, context);
        if (!exchanged) {
            sa.emit_child_failure(plan->phase2,
                                  {NotifyType::invalid_syntax, Reason::invalid_key_exchange,
                                   crypto::to_text(exchanged.error())},
                                  context);
            return refuse(sa, request, NotifyType::invalid_syntax, context);
        }
        material = std::move(*exchanged);
    }
    install(sa, request, payloads, std::move(*plan), material, context);
}

/// HDR, SK {[N(USE_TRANSPORT_MODE),] SA, Nr, [KEr,] TSi, TSr}  <--
void send_answer(IkeSa& sa, const ChildSa& child, const ChildAnswer& answer,
                 EngineContext& context) {
    SkMessageWriter message = SkMessageWriter::response(sa, answer.request, context);
    wire::ChainWriter& chain = message.inner();
    add_chosen_proposal(chain, child, answer.choice);
    chain.add(wire::NoncePayload{answer.nonce});
    if (!answer.public_value.empty())
        chain.add(wire::KeyExchangePayload{answer.choice.suite.key_exchange, answer.public_value});
    add_chosen_selectors(chain, child);
    sa.send_response(message.seal(), context);
}

/// Takes the answer out of the state if it is about this Child SA.
std::optional<ChildAnswer> take_answer(IkeSa& sa, EspSpi spi_in) {
    auto* established = std::get_if<Established>(&sa.state);
    if (established == nullptr || !established->answer || established->answer->spi_in != spi_in)
        return std::nullopt;
    return std::exchange(established->answer, std::nullopt);
}

void on_kernel_refusal(IkeSa& sa, const ChildSa& child, const ChildRefusal& refusal,
                       const std::optional<ChildAnswer>& answer, EngineContext& context) {
    const EspSpi replaces = child.replaces;
    const std::size_t phase2 = child.phase2;
    const bool initiated = child.initiated;
    const ChildSpis spis{child.spi_in, child.spi_out};
    sa.forget_child(spis.in, context);
    if (answer) refuse(sa, answer->request, refusal.notify, context);
    forget_collision(sa, spis.in);
    if (!initiated) return sa.emit_child_failure(phase2, refusal, context);
    // The peer has it, and would send into the void.
    sa.ask(DeleteChildren{{spis}}, context);
    if (replaces == EspSpi(0)) return sa.on_child_failed(phase2, refusal, context);
    sa.emit_child_failure(phase2, refusal, context);
    lifetimes::retry_child_rekey(sa, replaces, context);
}

/// Marks what a new Child SA takes the place of. Of a collision's two, the other one goes too.
void succeed(IkeSa& sa, EspSpi spi_in, EspSpi replaces, bool initiated, EngineContext& context) {
    for (ChildSa& other : sa.children)
        if (other.spi_in != spi_in && replaces != EspSpi(0) &&
            (other.spi_in == replaces || (initiated && other.replaces == replaces))) {
            other.replaced_by = spi_in;
            lifetimes::arm_end(sa, other, context);
        }
    if (initiated && replaces != EspSpi(0)) sa.retire_child(replaces, context);
}

}  // namespace

void refuse(IkeSa& sa, const wire::Header& request, NotifyType type, EngineContext& context) {
    wire::NotifyPayload notify;
    notify.notify_type = type;
    answer_with(sa, request, notify, context);
}

void refuse_group(IkeSa& sa, const wire::Header& request, KeyExchangeMethod wanted,
                  EngineContext& context) {
    std::array<std::uint8_t, 2> data;
    store_big_endian(std::to_underlying(wanted), data.data());
    wire::NotifyPayload notify;
    notify.notify_type = NotifyType::invalid_ke_payload;
    notify.data = data;
    answer_with(sa, request, notify, context);
}

void respond(IkeSa& sa, const wire::Header& request, const wire::Payloads& payloads,
             EngineContext& context) {
    if (is_busy(sa)) return refuse(sa, request, NotifyType::temporary_failure, context);
    if (!payloads.sa || !payloads.nonce || !payloads.tsi || !payloads.tsr) {
        refuse(sa, request, NotifyType::invalid_syntax, context);
        return sa.remove(Reason::invalid_syntax,
                         "the CREATE_CHILD_SA request lacks SA, Nonce, TSi or TSr", context);
    }
    if (sa.children.size() >= most_children(sa.phase1()))
        return refuse(sa, request, NotifyType::no_additional_sas, context);
    const auto rekeyed = judge_rekey(sa, request, payloads, context);
    if (rekeyed) agree(sa, request, payloads, *rekeyed, context);
}

void on_installed(IkeSa& sa, EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                  EngineContext& context) {
    ChildSa* installed = sa.find_child(spi_in);
    if (installed == nullptr || !installed->installation) return;
    const auto outcome = continue_install(sa, *installed, results, context);
    if (!outcome) return;
    const auto answer = take_answer(sa, spi_in);
    if (outcome->refusal)
        return on_kernel_refusal(sa, *installed, *outcome->refusal, answer, context);
    if (answer) send_answer(sa, *installed, *answer, context);
    const EspSpi replaces = installed->replaces;
    const bool initiated = installed->initiated;
    sa.on_child_established(*sa.find_child(spi_in), *outcome, context);
    succeed(sa, spi_in, replaces, initiated, context);
}

void withdraw_answer(IkeSa& sa, EspSpi spi_in, EngineContext& context) {
    if (const auto answer = take_answer(sa, spi_in))
        refuse(sa, answer->request, NotifyType::temporary_failure, context);
}

void on_deleted_by_peer(IkeSa& sa, const ChildSa& child, EngineContext& context) {
    // The successor is deleted before what it was to replace: that one stays, and needs another.
    ChildSa* old = sa.find_child(child.replaces);
    if (old == nullptr || old->replaced_by != child.spi_in) return;
    old->replaced_by = EspSpi(0);
    lifetimes::arm_end(sa, *old, context);
    // The nonces have nothing to decide any more.
    forget_collision(sa, child.spi_in);
    if (sa.pending<ChildRequest>() == nullptr)
        lifetimes::retry_child_rekey(sa, old->spi_in, context);
}

}  // namespace xfrmd::ike::create_child_sa
