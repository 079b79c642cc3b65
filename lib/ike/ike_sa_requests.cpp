// What an IKE SA sends: requests one at a time, repeated until they are answered, and responses.
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "ike/exchanges/create_child_sa.hpp"
#include "ike/exchanges/informational.hpp"
#include "ike/exchanges/rekey_ike_sa.hpp"
#include "ike/ike_sa.hpp"
#include "ike/lifetimes.hpp"
#include "ike/liveness.hpp"
#include "ike/nat_keepalive.hpp"
#include "ike/open_fragment.hpp"

namespace xfrmd::ike {

// ---- Messages that go out ----------------------------------------------------------------------

void IkeSa::transmit(const Path& along, Datagrams message, EngineContext& context) {
    last_sent = context.now.boottime;
    context.transmit(along.local, along.remote, std::move(message));
}

void IkeSa::send_request(Datagrams message, EngineContext& context) {
    if (const auto header = wire::Header::parse(message.front()))
        ++context.tally.exchanges[header->exchange].started;
    // The copy that stays has no spare room.
    window.sent_request(Datagrams(message), context.now.boottime);
    transmit(path(), std::move(message), context);
    arm_retransmission(context);
}

void IkeSa::wait_no_longer_than(Duration patience, EngineContext& context) {
    window.outstanding()->patience = patience;
    arm_retransmission(context);
}

void IkeSa::send_instead(Datagrams message, EngineContext& context) {
    window.replace_request(Datagrams(message), context.now.boottime);
    transmit(path(), std::move(message), context);
    arm_retransmission(context);
}

void IkeSa::send_response(Datagrams message, EngineContext& context) {
    // The copy that stays until the peer's next request has no spare room.
    window.sent_response(Datagrams(message));
    transmit(answer_path, std::move(message), context);
}

void IkeSa::ask(Wish wish, EngineContext& context) {
    if (!wishes.add(std::move(wish)))
        drop("a wish, for too many wait for the peer's answers", context);
    send_next(context);
}

void IkeSa::send_next(EngineContext& context) {
    while (window.idle() && is_established() && !rekey_ike_sa::is_undecided(*this, context)) {
        const auto wish = wishes.take();
        if (!wish) return;
        send_wish(*wish, context);
    }
}

void IkeSa::send_wish(const Wish& wish, EngineContext& context) {
    std::visit(
        [&](const auto& wanted) {
            using Wanted = std::decay_t<decltype(wanted)>;
            if constexpr (std::is_same_v<Wanted, DeleteIkeSa>)
                informational::request_ike_delete(*this, context);
            else if constexpr (std::is_same_v<Wanted, DeleteChildren>)
                informational::request_child_delete(*this, wanted, context);
            else if constexpr (std::is_same_v<Wanted, CreateChild>)
                create_child_sa::request(*this, wanted, context);
            else if constexpr (std::is_same_v<Wanted, RekeyChild>)
                create_child_sa::request_rekey(*this, wanted.spi_in, context);
            else if constexpr (std::is_same_v<Wanted, RekeyIkeSa>)
                rekey_ike_sa::request(*this, context);
            else
                informational::request_probe(*this, context);
        },
        wish);
}

// ---- Timers ------------------------------------------------------------------------------------

void IkeSa::arm_retransmission(EngineContext& context) {
    const OutstandingRequest& request = *window.outstanding();
    Duration wait = request.patience;
    if (request.transmissions < transmissions.size())
        wait = std::min<Duration>(wait, transmissions[request.transmissions]);
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
            return;
        case Timer::ike_rekey: return lifetimes::on_ike_rekey_timer(*this, context);
        case Timer::ike_expire: return close(Reason::lifetime_expired, context);
        case Timer::ike_orphan:
            return remove(Reason::replaced, "the rekeyed IKE SA was not deleted by the peer",
                          context);
        case Timer::liveness: return liveness::on_timer(*this, context);
        case Timer::reassembly: return on_reassembly_timer(*this, context);
        case Timer::nat_keepalive: return nat_keepalive::on_timer(*this, context);
        case Timer::child_rekey:
        case Timer::child_expire:
        case Timer::retired_sa:
        case Timer::auto_negotiate:
        case Timer::give_up_acquire:
        case Timer::surplus:
        case Timer::kernel_audit:
        case Timer::doors_report:
        case Timer::stop: return;  // not an IKE SA's
    }
}

void IkeSa::on_retransmit_timer(EngineContext& context) {
    OutstandingRequest* request = window.outstanding();
    if (request == nullptr) return;
    if (context.now.boottime >= request->first_sent + request->patience)
        return on_dead_peer(context);
    ++request->transmissions;
    ++context.tally.retransmissions;
    if (request->transmissions > fragmentation::silent_tries)
        if (auto smaller = fragmentation::smaller(*this, request->datagrams, context))
            request->datagrams = std::move(*smaller);
    transmit(path(), request->datagrams, context);
    arm_retransmission(context);
}

void IkeSa::repeat_request(EngineContext& context) {
    const OutstandingRequest* request = window.outstanding();
    if (request == nullptr) return;
    ++context.tally.retransmissions;
    transmit(path(), request->datagrams, context);
}

/// The lines of a FortiGate in their order, unless it was on its way out: then the peer has nothing
/// to tell us any more, and what ended the IKE SA was told when it did.
void IkeSa::on_dead_peer(EngineContext& context) {
    if (std::holds_alternative<Deleting>(state) || is_closing()) {
        context.emit(
            event(EventKind::ike_sa_deleted, Severity::info,
                  "the peer has not confirmed the end of IKE SA " + to_text(spi_i, spi_r)));
        return enter(Dead{}, context);
    }
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
    ending = {Reason::peer_silent, "the peer does not answer"};
    enter(Dead{}, context);
}

}  // namespace xfrmd::ike
