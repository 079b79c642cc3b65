#include "ike/ike_sa.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "ike/exchange_rules.hpp"
#include "ike/exchanges/create_child_sa.hpp"
#include "ike/exchanges/ike_auth.hpp"
#include "ike/exchanges/ike_sa_init.hpp"
#include "ike/exchanges/informational.hpp"
#include "ike/exchanges/rekey_ike_sa.hpp"
#include "ike/open_fragment.hpp"
#include "ike/peer_move.hpp"
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

ChildSa* IkeSa::find_child_of_peer(EspSpi spi_out) {
    const auto found = std::ranges::find(children, spi_out, &ChildSa::spi_out);
    return found == children.end() ? nullptr : &*found;
}

bool IkeSa::is_confirmed(const ChildSa& child) const {
    return child.initiated || std::ranges::none_of(children, [&](const ChildSa& other) {
               return other.spi_in == child.replaces && other.replaced_by == child.spi_in;
           });
}

bool IkeSa::serves(std::size_t phase2) const {
    return std::ranges::any_of(children, [phase2](const ChildSa& child) {
        return child.phase2 == phase2 && child.replaced_by == EspSpi(0);
    });
}

bool IkeSa::is_asking_for(std::size_t phase2) const {
    if (wishes.contains(CreateChild{phase2})) return true;
    if (const auto* established = std::get_if<Established>(&state))
        if (const auto* request = std::get_if<ChildRequest>(&established->pending))
            return request->wish.phase2 == phase2 && request->rekeys == EspSpi(0);
    if (const auto* auth = std::get_if<AuthSent>(&state)) return auth->child.phase2 == phase2;
    if (const auto* init = std::get_if<InitSent>(&state)) return init->phase2 == phase2;
    return false;
}

void IkeSa::enter(State next, EngineContext& context) {
    const StateName from = state_name();
    const auto to = static_cast<StateName>(next.index());
    XFRMD_ASSERT(may_follow(from, to));
    give_back_spi(context);
    state = std::move(next);
    context.emit(event(EventKind::ike_sa_state, Severity::debug,
                       fmt::format("{} -> {}", to_text(from), to_text(to))));
    if (to == StateName::dead) end(context);
}

/// A state that is left gives back the SPI that it had kept for a Child SA, if none came of it.
void IkeSa::give_back_spi(EngineContext& context) {
    EspSpi kept;
    if (const auto* auth = std::get_if<AuthSent>(&state)) kept = auth->child.spi_in;
    if (const auto* request = pending<ChildRequest>()) kept = request->spi_in;
    if (kept != EspSpi(0) && find_child(kept) == nullptr) context.esp_spis.erase(kept);
}

/// Leaves no timer and no number behind.
void IkeSa::end(EngineContext& context) {
    for (Timer timer :
         {Timer::retransmit, Timer::negotiate_timeout, Timer::ike_rekey, Timer::ike_expire,
          Timer::ike_orphan, Timer::liveness, Timer::reassembly, Timer::nat_keepalive})
        context.timers.cancel({timer, own_spi().value()});
    // Whoever ends it has dropped them for a reason; whatever is left would stay in the kernel.
    remove_children(ending.reason, context);
    for (EspSpi spi_in : std::exchange(retiring, {}))
        context.retired_sas.hasten(spi_in, context);
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
        case RequestVerdict::stray: return receive_stray_request(header, datagram, context);
        case RequestVerdict::duplicate: return repeat_response(datagram, context);
        case RequestVerdict::fresh: break;
    }
    if (!may_come(header.exchange, false, state_name()))
        return drop("request not expected in this state", datagram.remote, context);
    if (std::holds_alternative<InitAnswered>(state) &&
        !peer_move::may_go_on(*this, {datagram.local, datagram.remote}))
        return drop("request from elsewhere", datagram.remote, context);
    const Instant now = context.now.boottime;
    if (use.requests.is_spent(allowance::requests, now) ||
        use.forgeries.is_spent(allowance::forgeries, now))
        return drop("too many requests", datagram.remote, context);
    auto message = open_message(*this, header, datagram.octets, context);
    if (!message && message.error() == Unopened::refused) {
        if (is_half_open()) use.forgeries.take(allowance::forgeries, now);
        return drop("request not authentic", datagram.remote, context);
    }

    last_inbound = now;
    if (!message) return;
    use.requests.take(allowance::requests, now);
    window.accepted_request(header.message_id, message->fingerprint);
    answer_path = {datagram.local, datagram.remote};
    ++context.tally.exchanges[header.exchange].answered;
    // An initiator may go on from another port (RFC 7296 section 2.23).
    if (std::holds_alternative<InitAnswered>(state)) {
        local = datagram.local;
        remote = datagram.remote;
    }
    peer_move::on_seen(*this, answer_path, context);
    if (!message->payloads) return on_broken_request(header, message->payloads.error(), context);
    dispatch_request(header, *message->payloads, context);
}

/// Most of them are nothing. But a peer that has heard no answer may cut its request anew, and is
/// answered once more: for its first fragment alone (RFC 7383 section 2.6.1).
void IkeSa::receive_stray_request(const wire::Header& header, DatagramReceived& datagram,
                                  EngineContext& context) {
    if (window.has_answered(header.message_id) &&
        is_authentic_first_fragment(*this, header, datagram.octets, context))
        return repeat_response(datagram, context);
    drop("request outside of the window", datagram.remote, context);
}

/// Nobody seems to get the response either: it becomes smaller as requests do.
void IkeSa::repeat_response(const DatagramReceived& request, EngineContext& context) {
    const bool is_known = request.remote.address == answer_path.remote.address;
    if (!is_known && !may_be_sent_to_anybody(window.last_response(), request.octets.size()))
        return drop("repeated request from elsewhere", request.remote, context);
    if (!use.repeats.try_take(allowance::repeats, context.now.boottime))
        return drop("too many repeated requests", request.remote, context);
    if (window.repeat_response() > fragmentation::silent_tries)
        if (auto smaller = fragmentation::smaller(*this, window.last_response(), context))
            window.sent_response(std::move(*smaller));
    transmit({request.local, request.remote}, window.last_response(), context);
}

namespace {

/// What a CREATE_CHILD_SA request asks for: the protocol of its proposals tells.
bool is_about_ike_sa(const wire::Payloads& payloads) {
    return payloads.sa && !payloads.sa->proposals.empty() &&
           payloads.sa->proposals.front().protocol == wire::ProtocolId::ike;
}

}  // namespace

void IkeSa::dispatch_request(const wire::Header& header, wire::Payloads& payloads,
                             EngineContext& context) {
    if (predecessor != IkeSpi(0) && !informational::deletes_ike_sa(payloads))
        rekey_ike_sa::on_used_by_peer(*this, context);
    switch (header.exchange) {
        case ExchangeType::ike_auth: return ike_auth::respond(*this, header, payloads, context);
        case ExchangeType::informational:
            return informational::respond(*this, header, payloads, context);
        case ExchangeType::create_child_sa:
            if (is_about_ike_sa(payloads))
                return rekey_ike_sa::respond(*this, header, payloads, context);
            return create_child_sa::respond(*this, header, payloads, context);
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
    const auto message = open_message(*this, header, datagram.octets, context);
    if (!message && message.error() == Unopened::refused)
        return drop("response not authentic", datagram.remote, context);

    last_inbound = context.now.boottime;
    if (!message) return;
    window.received_response();
    context.timers.cancel({Timer::retransmit, own_spi().value()});
    if (!message->payloads) {
        const std::string text =
            "the peer's response is broken: " + message->payloads.error().to_text();
        if (is_half_open()) return fail(Reason::invalid_syntax, text, context);
        return remove(Reason::invalid_syntax, text, context);
    }
    dispatch_response(header, *message->payloads, context);
    peer_move::on_seen(*this, {datagram.local, datagram.remote}, context);
    send_next(context);
}

void IkeSa::dispatch_response(const wire::Header& header, const wire::Payloads& payloads,
                              EngineContext& context) {
    if (header.exchange == ExchangeType::ike_auth)
        return ike_auth::finish(*this, payloads, context);
    auto* established = std::get_if<Established>(&state);
    if (established == nullptr) return informational::finish(*this, context);
    PendingRequest asked = std::exchange(established->pending, std::monostate{});
    if (const auto* deletion = std::get_if<DeleteRequest>(&asked))
        on_children_deleted(deletion->children, context);
    // A closing IKE SA has no use for what it asked for; its DELETE follows.
    auto* child = std::get_if<ChildRequest>(&asked);
    if (child != nullptr && is_closing()) context.esp_spis.erase(child->spi_in);
    if (is_closing()) return;
    if (child != nullptr)
        return create_child_sa::finish(*this, std::move(*child), payloads, context);
    if (auto* rekey = std::get_if<IkeRekeyRequest>(&asked))
        rekey_ike_sa::finish(*this, std::move(*rekey), payloads, context);
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

}  // namespace xfrmd::ike
