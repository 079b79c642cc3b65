#include "ike/ike_sa.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "ike/child_kernel.hpp"
#include "ike/exchange_rules.hpp"
#include "ike/exchanges/create_child_sa.hpp"
#include "ike/exchanges/ike_auth.hpp"
#include "ike/exchanges/ike_sa_init.hpp"
#include "ike/exchanges/informational.hpp"
#include "ike/sk_message.hpp"

namespace xfrmd::ike {

using wire::ExchangeType;

std::string to_text(IkeSpi spi_i, IkeSpi spi_r) {
    return fmt::format("{:016x}/{:016x}", spi_i.value(), spi_r.value());
}

Session* IkeSa::session() {
    return std::visit(
        [](auto& current) -> Session* {
            if constexpr (requires { current.session; })
                return &current.session;
            else
                return nullptr;
        },
        state);
}

ChildSa* IkeSa::find_child(EspSpi spi_in) {
    const auto found = std::ranges::find(children, spi_in, &ChildSa::spi_in);
    return found == children.end() ? nullptr : &*found;
}

void IkeSa::enter(State next, EngineContext& context) {
    const StateName from = state_name();
    const auto to = static_cast<StateName>(next.index());
    XFRMD_ASSERT(may_follow(from, to));
    if (const auto* wish = std::get_if<AuthSent>(&state))
        if (find_child(wish->child.spi_in) == nullptr) context.esp_spis.erase(wish->child.spi_in);
    state = std::move(next);
    context.emit(event(EventKind::ike_sa_state, Severity::debug,
                       fmt::format("{} -> {}", to_text(from), to_text(to))));
    if (to == StateName::dead) end(context);
}

/// Leaves no timer and no number behind.
void IkeSa::end(EngineContext& context) {
    for (Timer timer : {Timer::retransmit, Timer::negotiate_timeout, Timer::ike_expire})
        context.timers.cancel({timer, own_spi().value()});
    XFRMD_ASSERT(children.empty());
}

// ---- Messages that come in ---------------------------------------------------------------------

void IkeSa::receive(const wire::Header& header, DatagramReceived& datagram,
                    EngineContext& context) {
    // "I" tells who began the IKE SA; the peer has the role that we have not.
    if (header.initiator == (role == Role::initiator))
        return drop("wrong initiator flag", datagram.remote, context);
    if (header.response) return receive_response(header, datagram, context);
    receive_request(header, datagram, context);
}

void IkeSa::receive_request(const wire::Header& header, DatagramReceived& datagram,
                            EngineContext& context) {
    switch (window.judge_request(header.message_id, datagram.octets)) {
        case RequestVerdict::stray:
            return drop("request outside of the window", datagram.remote, context);
        case RequestVerdict::duplicate:
            context.outputs.emplace_back(
                Transmit{datagram.local, datagram.remote, window.last_response()});
            return;
        case RequestVerdict::fresh: break;
    }
    if (!may_come(header.exchange, false, state_name()))
        return drop("request not expected in this state", datagram.remote, context);
    const std::uint64_t fingerprint = MessageWindow::fingerprint(datagram.octets);
    const auto payloads = open_sk_message(*this, header, datagram.octets, context);
    if (!payloads && std::holds_alternative<NotAuthentic>(payloads.error()))
        return drop("request not authentic", datagram.remote, context);

    window.accepted_request(header.message_id, fingerprint);
    // An initiator may go on from another port (RFC 7296 section 2.23).
    if (std::holds_alternative<InitAnswered>(state)) {
        local = datagram.local;
        remote = datagram.remote;
    }
    if (!payloads)
        return on_broken_request(header, std::get<wire::ParseError>(payloads.error()), context);
    dispatch_request(header, *payloads, context);
}

void IkeSa::dispatch_request(const wire::Header& header, const wire::Payloads& payloads,
                             EngineContext& context) {
    switch (header.exchange) {
        case ExchangeType::ike_auth: return ike_auth::respond(*this, header, payloads, context);
        case ExchangeType::informational:
            return informational::respond(*this, header, payloads, context);
        case ExchangeType::create_child_sa: return create_child_sa::refuse(*this, header, context);
        case ExchangeType::ike_sa_init:
        case ExchangeType::ike_session_resume:
        case ExchangeType::ike_intermediate:
        case ExchangeType::ike_followup_ke: break;
    }
    XFRMD_ASSERT(false);  // exchange_rules let nothing else through
}

/// A message with a valid ICV that cannot be read: the peer is told, and for INVALID_SYNTAX the
/// IKE SA ends, for the ends are out of step (RFC 7296 section 2.21.3).
void IkeSa::on_broken_request(const wire::Header& header, const wire::ParseError& error,
                              EngineContext& context) {
    const bool critical = error.kind == wire::ParseError::Kind::unsupported_critical_payload;
    const std::uint8_t type = std::to_underlying(error.payload);
    SkMessageWriter message = SkMessageWriter::response(*this, header, context);
    wire::NotifyPayload notify;
    notify.notify_type = error.notify_type();
    if (critical) notify.data = {&type, 1};
    message.inner().add(notify);
    send_response(message.seal(), context);
    const Reason reason = critical ? Reason::unsupported_critical_payload : Reason::invalid_syntax;
    const std::string text = "the peer's request is broken: " + error.to_text();
    if (is_half_open()) return fail(reason, text, context);
    if (!critical) return remove(reason, text, context);
    drop("request with an unknown critical payload", context);
}

void IkeSa::receive_response(const wire::Header& header, DatagramReceived& datagram,
                             EngineContext& context) {
    if (!window.expects_response(header.message_id))
        return drop("unasked response", datagram.remote, context);
    if (!may_come(header.exchange, true, state_name()))
        return drop("response not expected in this state", datagram.remote, context);
    if (header.exchange == ExchangeType::ike_sa_init) {
        // In clear text the address is all there is to go by.
        if (datagram.remote != remote)
            return drop("response from elsewhere", datagram.remote, context);
        return ike_sa_init::finish(*this, header, datagram.octets, context);
    }
    const auto payloads = open_sk_message(*this, header, datagram.octets, context);
    if (!payloads && std::holds_alternative<NotAuthentic>(payloads.error()))
        return drop("response not authentic", datagram.remote, context);

    window.received_response();
    context.timers.cancel({Timer::retransmit, own_spi().value()});
    if (!payloads) {
        const std::string text = "the peer's response is broken: " +
                                 std::get<wire::ParseError>(payloads.error()).to_text();
        if (is_half_open()) return fail(Reason::invalid_syntax, text, context);
        return remove(Reason::invalid_syntax, text, context);
    }
    if (header.exchange == ExchangeType::ike_auth)
        return ike_auth::finish(*this, *payloads, context);
    informational::finish(*this, context);
}

void IkeSa::drop(const char* why, EngineContext& context) const {
    drop(why, remote, context);
}

void IkeSa::drop(const char* why, const Endpoint& sender, EngineContext& context) const {
    Event told = event(EventKind::message_dropped, Severity::debug,
                       fmt::format("dropped a message of {}: {}", sender.to_text(), why));
    told.peer = sender;
    context.emit(std::move(told));
}

// ---- Messages that go out ----------------------------------------------------------------------

void IkeSa::send_request(Bytes octets, EngineContext& context) {
    window.sent_request(Bytes(octets.begin(), octets.end()), context.now.boottime);
    context.outputs.emplace_back(Transmit{local, remote, std::move(octets)});
    arm_retransmission(context);
}

void IkeSa::send_instead(Bytes octets, EngineContext& context) {
    context.outputs.emplace_back(Transmit{local, remote, octets});
    window.replace_request(std::move(octets), context.now.boottime);
    arm_retransmission(context);
}

void IkeSa::send_response(Bytes octets, EngineContext& context) {
    // The copy that stays until the peer's next request has no spare room.
    window.sent_response(Bytes(octets.begin(), octets.end()));
    context.outputs.emplace_back(Transmit{local, remote, std::move(octets)});
}

void IkeSa::send_queued(EngineContext& context) {
    if (!window.idle() || queued_deletes.empty() || !is_established()) return;
    const QueuedDelete wish = std::move(queued_deletes.front());
    queued_deletes.erase(queued_deletes.begin());
    if (wish.children.empty()) return informational::request_ike_delete(*this, context);
    informational::request_child_delete(*this, wish.children, context);
}

void IkeSa::queue_delete(QueuedDelete wish, EngineContext& context) {
    if (queued_deletes.size() < max_queued_deletes) queued_deletes.push_back(std::move(wish));
    send_queued(context);
}

// ---- Timers ------------------------------------------------------------------------------------

void IkeSa::arm_retransmission(EngineContext& context) {
    const OutstandingRequest& request = *window.outstanding();
    const auto wait = request.transmissions < transmissions.size()
                          ? transmissions[request.transmissions]
                          : retransmission_ceiling;
    context.timers.arm({Timer::retransmit, own_spi().value()}, request.first_sent + wait);
}

void IkeSa::on_timer(Timer timer, EngineContext& context) {
    switch (timer) {
        case Timer::retransmit: return on_retransmit_timer(context);
        case Timer::negotiate_timeout:
            if (is_half_open())
                return fail(Reason::negotiation_timeout,
                            fmt::format("negotiation timeout, deleting: {} in {}",
                                        to_text(spi_i, spi_r), to_text(state_name())),
                            context);
            if (children.empty()) close(Reason::negotiation_timeout, context);
            return;
        case Timer::ike_expire: return close(Reason::lifetime_expired, context);
        case Timer::child_expire:
        case Timer::retired_sa:
        case Timer::auto_negotiate:
        case Timer::stop: return;  // not an IKE SA's
    }
}

void IkeSa::on_retransmit_timer(EngineContext& context) {
    OutstandingRequest* request = window.outstanding();
    if (request == nullptr) return;
    if (request->transmissions == transmissions.size()) return on_dead_peer(context);
    ++request->transmissions;
    context.outputs.emplace_back(Transmit{local, remote, request->octets});
    arm_retransmission(context);
}

/// The lines of a FortiGate in their order.
void IkeSa::on_dead_peer(EngineContext& context) {
    const auto say = [&](EventKind kind, Severity severity, std::string message) {
        Event told = event(kind, severity, std::move(message));
        told.reason = Reason::peer_silent;
        context.emit(std::move(told));
    };
    say(EventKind::retransmission_timeout, Severity::error,
        to_text(spi_i, spi_r) + " retransmission timeout");
    say(EventKind::ike_sa_deleted, Severity::warning, "expiring IKE SA " + to_text(spi_i, spi_r));
    say(EventKind::ike_sa_deleted, Severity::info, "going to be deleted");
    say(EventKind::ike_sa_deleted, Severity::info, "flushing");
    remove_children(Reason::peer_silent, context);
    enter(Dead{}, context);
}

// ---- The ends ----------------------------------------------------------------------------------

void IkeSa::fail(Reason reason, std::string message, EngineContext& context) {
    Event told = event(EventKind::ike_sa_failed, Severity::warning, std::move(message));
    told.reason = reason;
    context.emit(std::move(told));
    remove_children(reason, context);
    enter(Dead{}, context);
}

void IkeSa::remove(Reason reason, std::string message, EngineContext& context) {
    Event told = event(EventKind::ike_sa_deleted, Severity::notice, std::move(message));
    told.reason = reason;
    context.emit(std::move(told));
    remove_children(reason, context);
    enter(Dead{}, context);
}

void IkeSa::close(Reason reason, EngineContext& context) {
    if (is_half_open()) return fail(reason, "negotiation given up", context);
    if (!is_established()) return;
    Event told = event(EventKind::ike_sa_deleted, Severity::notice,
                       "deleting IKE SA " + to_text(spi_i, spi_r));
    told.reason = reason;
    context.emit(std::move(told));
    remove_children(reason, context);
    context.timers.cancel({Timer::ike_expire, own_spi().value()});
    queued_deletes.clear();
    queue_delete({{}, reason}, context);
}

void IkeSa::close_child(EspSpi spi_in, Reason reason, EngineContext& context) {
    if (find_child(spi_in) == nullptr) return;
    drop_child(spi_in, reason, Inbound::now, context);
    queue_delete({{spi_in}, reason}, context);
}

void IkeSa::remove_children(Reason reason, EngineContext& context) {
    while (!children.empty())
        drop_child(children.back().spi_in, reason, Inbound::now, context);
}

// ---- Child SAs ---------------------------------------------------------------------------------

void IkeSa::drop_child(EspSpi spi_in, Reason reason, Inbound inbound, EngineContext& context) {
    const ChildSa* child = find_child(spi_in);
    if (child == nullptr) return;
    Event told = event(EventKind::child_sa_deleted, Severity::notice,
                       fmt::format("deleting IPsec SA with SPI {:08x}", child->spi_in.value()));
    told.phase2 = phase1().phase2s[child->phase2].name;
    told.esp_spi_in = child->spi_in;
    told.esp_spi_out = child->spi_out;
    told.reason = reason;
    context.emit(std::move(told));
    uninstall_child(*this, *child, inbound, context);
    forget_child(spi_in, context);
}

void IkeSa::forget_child(EspSpi spi_in, EngineContext& context) {
    context.timers.cancel({Timer::child_expire, spi_in.value()});
    if (!context.retired_sas.contains(spi_in)) context.esp_spis.erase(spi_in);
    if (const ChildSa* child = find_child(spi_in))
        context.outbound_spis.erase({remote.address, child->spi_out});
    std::erase_if(children, [spi_in](const ChildSa& child) { return child.spi_in == spi_in; });
}

void IkeSa::on_kernel_reply(EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                            EngineContext& context) {
    if (std::holds_alternative<AuthAnswering>(state))
        return ike_auth::on_installed_by_responder(*this, spi_in, results, context);
    ike_auth::on_installed_by_initiator(*this, spi_in, results, context);
}

}  // namespace xfrmd::ike
