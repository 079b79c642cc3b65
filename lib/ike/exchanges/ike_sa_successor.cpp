#include "ike/exchanges/ike_sa_successor.hpp"

#include <fmt/format.h>

#include "ike/ike_sa_table.hpp"
#include "ike/lifetimes.hpp"
#include "ike/liveness.hpp"
#include "ike/nat_keepalive.hpp"

namespace xfrmd::ike::rekey_ike_sa {

IkeSa& make_successor(const IkeSa& old, const SuccessorTerms& terms, EngineContext& context) {
    const auto& session = std::get<Established>(old.state).session;
    Established state;
    state.session.keys = crypto::derive_rekeyed_ike_keys(
        context.library, terms.suite, crypto::Prf(context.library, old.suite.prf),
        session.keys.sk_d, terms.shared_secret, terms.inputs);
    auto made = std::make_unique<IkeSa>(terms.role, terms.inputs.spi_i, terms.inputs.spi_r,
                                        old.local, old.remote, std::move(state));
    made->tunnel = old.tunnel;
    made->predecessor = old.own_spi();
    made->suite = terms.suite;
    made->peer_identity = old.peer_identity;
    made->fragmentation = old.fragmentation;
    made->first_address = old.first_address;
    made->nat = old.nat;
    made->last_sent = old.last_sent;
    made->next_move = old.next_move;
    made->use = old.use;
    made->began = made->established_at = made->last_inbound = context.now.boottime;
    made->tunnel->ike_sas.insert(made->own_spi());
    ++context.tally.ike_sas_rekeyed;
    context.reports.emplace_back(IkeSaUp{made->own_spi()});
    IkeSa& sa = context.sas->add(std::move(made));
    lifetimes::start(sa, context);
    liveness::start(sa, context);
    nat_keepalive::start(sa, context);
    sa.log_keys(context);
    context.emit(
        sa.event(EventKind::ike_sa_established, Severity::info,
                 fmt::format("IKE SA {} rekeyed as {}: {}, {}", to_text(old.spi_i, old.spi_r),
                             terms.role == Role::initiator ? "initiator" : "responder",
                             sa.suite.to_text(), to_text(sa.spi_i, sa.spi_r))));
    return sa;
}

bool may_take_over(const IkeSa* successor) {
    return successor != nullptr && successor->is_established() && !successor->is_closing();
}

void await_delete(IkeSa& sa, EngineContext& context) {
    if (!sa.is_established()) return;
    for (Timer timer : {Timer::ike_rekey, Timer::ike_expire, Timer::liveness, Timer::retransmit})
        context.timers.cancel({timer, sa.own_spi().value()});
    // Whatever it has asked for, nobody waits for the answer any more.
    sa.window.received_response();
    sa.wishes.clear();
    Session session = std::move(*sa.session());
    sa.enter(Rekeyed{std::move(session)}, context);
    context.timers.arm({Timer::ike_orphan, sa.own_spi().value()},
                       context.now.boottime + orphan_lifetime);
}

}  // namespace xfrmd::ike::rekey_ike_sa
