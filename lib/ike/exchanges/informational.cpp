#include "ike/exchanges/informational.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "ike/exchanges/create_child_sa.hpp"
#include "ike/exchanges/rekey_ike_sa.hpp"
#include "ike/liveness.hpp"
#include "ike/sk_message.hpp"

namespace xfrmd::ike::informational {
namespace {

using wire::DeletePayload;
using wire::NotifyType;
using wire::ProtocolId;

/// Deletes the Child SAs that the peer names by its inbound SPIs, our outbound ones; the answer
/// names the other halves (RFC 7296 section 1.4.1). One that we are deleting ourselves is forgotten
/// already and not named again: our own DELETE says it.
std::vector<EspSpi> delete_children(IkeSa& sa, const wire::Payloads& payloads,
                                    EngineContext& context) {
    std::vector<EspSpi> answer;
    for (const DeletePayload& payload : payloads.deletes) {
        if (payload.protocol != ProtocolId::esp) continue;
        for (EspSpi spi : payload.spis) {
            const auto child = std::ranges::find(sa.children, spi, &ChildSa::spi_out);
            if (child == sa.children.end()) {
                create_child_sa::on_unknown_deleted(sa, spi);
                continue;
            }
            const EspSpi spi_in = child->spi_in;
            answer.push_back(spi_in);
            create_child_sa::on_deleted_by_peer(sa, *child, context);
            sa.drop_child(spi_in, Reason::peer_deleted, context);
        }
    }
    return answer;
}

/// In as many payloads as it takes: the peer may have named them in several.
void add_deletes(wire::ChainWriter& chain, std::span<const EspSpi> spis) {
    while (!spis.empty()) {
        const auto some = spis.first(std::min(spis.size(), DeletePayload::max_spis));
        chain.add(DeletePayload{ProtocolId::esp, {some.begin(), some.end()}});
        spis = spis.subspan(some.size());
    }
}

}  // namespace

void request_ike_delete(IkeSa& sa, EngineContext& context) {
    SkMessageWriter message =
        SkMessageWriter::request(sa, wire::ExchangeType::informational, context);
    message.inner().add(DeletePayload{ProtocolId::ike, {}});
    Datagrams datagrams = message.seal();
    Session session = std::move(*sa.session());
    sa.enter(Deleting{std::move(session)}, context);
    sa.send_request(std::move(datagrams), context);
}

void request_child_delete(IkeSa& sa, const DeleteChildren& wish, EngineContext& context) {
    DeletePayload payload{ProtocolId::esp, {}};
    for (const ChildSpis& child : wish.children)
        payload.spis.push_back(child.in);
    SkMessageWriter message =
        SkMessageWriter::request(sa, wire::ExchangeType::informational, context);
    message.inner().add(payload);
    std::get<Established>(sa.state).pending = DeleteRequest{wish.children};
    sa.send_request(message.seal(), context);
}

void request_probe(IkeSa& sa, EngineContext& context) {
    SkMessageWriter message =
        SkMessageWriter::request(sa, wire::ExchangeType::informational, context);
    std::get<Established>(sa.state).pending = ProbeRequest{};
    sa.send_request(message.seal(), context);
    sa.wait_no_longer_than(liveness::patience(sa.phase1()), context);
}

void announce_authentication_failure(IkeSa& sa, EngineContext& context) {
    SkMessageWriter message =
        SkMessageWriter::request(sa, wire::ExchangeType::informational, context);
    wire::NotifyPayload notify;
    notify.notify_type = NotifyType::authentication_failed;
    message.inner().add(notify);
    Datagrams datagrams = message.seal();
    Session session = std::move(*sa.session());
    sa.enter(Deleting{std::move(session)}, context);
    sa.send_request(std::move(datagrams), context);
}

void finish(IkeSa& sa, EngineContext& context) {
    if (std::holds_alternative<Deleting>(sa.state)) sa.enter(Dead{}, context);
}

bool deletes_ike_sa(const wire::Payloads& payloads) {
    return std::ranges::any_of(payloads.deletes, [](const DeletePayload& payload) {
        return payload.protocol == ProtocolId::ike;
    });
}

void respond(IkeSa& sa, const wire::Header& request, const wire::Payloads& payloads,
             EngineContext& context) {
    const bool ends = deletes_ike_sa(payloads);
    const bool failed = payloads.find(NotifyType::authentication_failed) != nullptr;
    SkMessageWriter message = SkMessageWriter::response(sa, request, context);
    if (!ends && !failed) add_deletes(message.inner(), delete_children(sa, payloads, context));
    sa.send_response(message.seal(), context);
    if (ends) rekey_ike_sa::on_deleted_by_peer(sa, context);
    if (ends)
        sa.remove(Reason::peer_deleted, "the peer deleted the IKE SA", context);
    else if (failed)
        sa.remove(Reason::authentication_failed_local,
                  "the peer refuses our identity or our pre-shared key (AUTHENTICATION_FAILED)",
                  context);
}

}  // namespace xfrmd::ike::informational
