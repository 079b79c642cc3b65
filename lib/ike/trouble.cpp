#include "ike/trouble.hpp"

namespace xfrmd::ike {
namespace {

/// An end that is nobody's fault.
bool is_harmless(Reason reason) {
    return reason == Reason::duplicate || reason == Reason::replaced || reason == Reason::rekeyed;
}

bool tells_of_failure(const Event& event) {
    switch (event.kind) {
        case EventKind::ike_sa_failed:
        case EventKind::child_sa_failed:
        case EventKind::kernel_refused:
        case EventKind::retransmission_timeout: return true;
        // The lines that follow a retransmission timeout say nothing new.
        case EventKind::ike_sa_deleted:
        case EventKind::child_sa_deleted: return event.reason != Reason::peer_silent;
        default: return false;
    }
}

/// Where it happened, if the reason does not tell.
Link place_of(const Event& event) {
    if (event.kind == EventKind::kernel_refused) return Link::kernel;
    if (event.kind == EventKind::child_sa_failed) return Link::child;
    if (event.kind == EventKind::child_sa_deleted) return Link::data;
    return event.link.value_or(Link::first_exchange);
}

}  // namespace

Link link_of(Reason reason, Link where) {
    switch (reason) {
        case Reason::no_proposal_chosen:
        case Reason::too_many_retries:
        case Reason::no_gateway: return Link::first_exchange;
        case Reason::authentication_failed_local:
        case Reason::authentication_failed_remote:
        case Reason::identity_mismatch: return Link::authentication;
        case Reason::esp_no_proposal_chosen:
        case Reason::traffic_selectors_unacceptable: return Link::child;
        case Reason::kernel_refused:
        case Reason::offload_required:
        case Reason::offload_lost:
        case Reason::offload_device_lost:
        case Reason::kernel_state_lost: return Link::kernel;
        case Reason::name_not_resolved: return Link::name_resolution;
        case Reason::local_address_missing:
        case Reason::interface_missing:
        case Reason::interface_down:
        case Reason::no_route: return Link::route;
        case Reason::send_refused: return Link::socket;
        case Reason::stopped:
        case Reason::configuration_changed:
        case Reason::standby:
        case Reason::algorithm_missing:
        case Reason::waiting_for_traffic:
        case Reason::waiting_for_peer:
        case Reason::passive_mode: return Link::configuration;
        case Reason::no_return_traffic:
        case Reason::integrity_failures: return Link::data;
        default: return where;
    }
}

std::optional<Trouble> trouble_of(const Event& event, Instant now) {
    if (!event.reason || is_harmless(*event.reason) || !tells_of_failure(event))
        return std::nullopt;
    return Trouble{.at = now,
                   .link = link_of(*event.reason, place_of(event)),
                   .reason = *event.reason,
                   .message = event.message,
                   .peer = event.peer};
}

}  // namespace xfrmd::ike
