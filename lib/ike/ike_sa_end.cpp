// How an IKE SA and its Child SAs end.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "ike/child_kernel.hpp"
#include "ike/exchanges/create_child_sa.hpp"
#include "ike/exchanges/ike_auth.hpp"
#include "ike/ike_sa.hpp"
#include "ike/traffic.hpp"

namespace xfrmd::ike {

// ---- The ends ----------------------------------------------------------------------------------

void IkeSa::fail(Reason reason, std::string message, EngineContext& context) {
    ending = {reason, message};
    // What is no loss is no reason to wake anybody up.
    const Severity severity = reason == Reason::duplicate ? Severity::info : Severity::warning;
    Event told = event(EventKind::ike_sa_failed, severity, std::move(message));
    told.reason = reason;
    context.emit(std::move(told));
    remove_children(reason, context);
    enter(Dead{}, context);
}

void IkeSa::remove(Reason reason, std::string message, EngineContext& context) {
    ending = {reason, message};
    Event told = event(EventKind::ike_sa_deleted, Severity::notice, std::move(message));
    told.reason = reason;
    context.emit(std::move(told));
    remove_children(reason, context);
    enter(Dead{}, context);
}

void IkeSa::close(Reason reason, EngineContext& context) {
    if (is_half_open()) return fail(reason, "negotiation given up", context);
    if (!is_established()) return;
    ending = {reason, advice(reason)};
    Event told = event(EventKind::ike_sa_deleted, Severity::notice,
                       "deleting IKE SA " + to_text(spi_i, spi_r));
    told.reason = reason;
    context.emit(std::move(told));
    remove_children(reason, context);
    for (Timer timer : {Timer::ike_rekey, Timer::ike_expire, Timer::liveness})
        context.timers.cancel({timer, own_spi().value()});
    wishes.clear();
    // A successor that waits for the nonces to decide does not: it goes, whichever stays.
    predecessor = IkeSpi(0);
    ask(DeleteIkeSa{}, context);
}

void IkeSa::close_child(EspSpi spi_in, Reason reason, EngineContext& context) {
    const ChildSa* child = find_child(spi_in);
    if (child == nullptr) return;
    const ChildSpis spis{child->spi_in, child->spi_out};
    drop_child(spi_in, reason, context);
    ask(DeleteChildren{{spis}}, context);
}

void IkeSa::retire_child(EspSpi spi_in, EngineContext& context) {
    close_child(spi_in, Reason::rekeyed, context);
}

void IkeSa::remove_children(Reason reason, EngineContext& context) {
    while (!children.empty())
        drop_child(children.back().spi_in, reason, context);
}

// ---- Child SAs ---------------------------------------------------------------------------------

void IkeSa::drop_child(EspSpi spi_in, Reason reason, EngineContext& context) {
    const ChildSa* child = find_child(spi_in);
    if (child == nullptr) return;
    Event told = event(EventKind::child_sa_deleted, Severity::notice,
                       fmt::format("deleting IPsec SA with SPI {:08x}", child->spi_in.value()));
    told.phase2 = phase1().phase2s[child->phase2].name;
    told.esp_spi_in = child->spi_in;
    told.esp_spi_out = child->spi_out;
    told.reason = reason;
    context.emit(std::move(told));
    const bool succeeded = child->replaced_by != EspSpi(0);
    const bool told_by_peer = reason == Reason::peer_deleted;
    const Inbound until_told = told_by_peer ? Inbound::later : Inbound::after_answer;
    uninstall_child(*this, *child, succeeded ? until_told : Inbound::now, context);
    if (succeeded && !told_by_peer) retiring.push_back(spi_in);
    if (!succeeded)
        context.reports.emplace_back(ChildGone{tunnel, child->phase2, own_spi(), reason});
    forget_child(spi_in, context);
}

void IkeSa::hand_over(IkeSa& successor, EngineContext& context) {
    for (const ChildSa& child : children)
        context.esp_spis.insert_or_assign(child.spi_in, successor.own_spi());
    std::ranges::move(std::exchange(children, {}), std::back_inserter(successor.children));
    std::ranges::move(std::exchange(retiring, {}), std::back_inserter(successor.retiring));
    for (Wish& wish : wishes.take_all())
        if (std::holds_alternative<DeleteChildren>(wish) ||
            std::holds_alternative<CreateChild>(wish) || std::holds_alternative<RekeyChild>(wish))
            successor.ask(std::move(wish), context);
    successor.send_next(context);
}

void IkeSa::on_children_deleted(std::span<const ChildSpis> gone, EngineContext& context) {
    for (const ChildSpis& child : gone)
        if (std::erase(retiring, child.in) > 0) context.retired_sas.hasten(child.in, context);
}

void IkeSa::forget_child(EspSpi spi_in, EngineContext& context) {
    for (Timer timer : {Timer::child_rekey, Timer::child_expire})
        context.timers.cancel({timer, spi_in.value()});
    if (const ChildSa* child = find_child(spi_in)) traffic::keep(*child, *tunnel);
    if (!context.retired_sas.contains(spi_in)) context.esp_spis.erase(spi_in);
    if (const ChildSa* child = find_child(spi_in)) forget_outbound_spi(*child, context);
    std::erase_if(children, [spi_in](const ChildSa& child) { return child.spi_in == spi_in; });
}

void IkeSa::on_kernel_reply(EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                            EngineContext& context) {
    if (std::holds_alternative<AuthAnswering>(state))
        return ike_auth::on_installed(*this, spi_in, results, context);
    create_child_sa::on_installed(*this, spi_in, results, context);
}

}  // namespace xfrmd::ike
