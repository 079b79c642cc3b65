#include "ike/traffic.hpp"

#include <algorithm>

namespace xfrmd::ike::traffic {
namespace {

/// Takes a count over; true if it has grown.
bool has_grown(std::uint64_t& known, std::uint64_t counted) {
    const bool grown = counted > known;
    known = std::max(known, counted);
    return grown;
}

void on_inbound(IkeSa& sa, const xfrm::SaStatus& status) {
    ChildSa* child = sa.find_child(status.spi);
    if (child == nullptr || !has_grown(child->traffic.packets_in, status.packets)) return;
    child->traffic.last_used = sa.counters_read;
    sa.last_inbound = std::max(sa.last_inbound, sa.counters_read);
}

void on_outbound(IkeSa& sa, const xfrm::SaStatus& status, Instant now) {
    ChildSa* child = sa.find_child_of_peer(status.spi);
    if (child == nullptr || !has_grown(child->traffic.packets_out, status.packets)) return;
    child->traffic.last_used = sa.counters_read;
    sa.last_outbound = now;
}

}  // namespace

void ask(const IkeSa& sa, EngineContext& context) {
    std::vector<xfrm::Operation> queries;
    for (const ChildSa& child : sa.children) {
        if (child.state != ChildState::established) continue;
        const IpAddress& local = child.path.local.address;
        const IpAddress& remote = child.path.remote.address;
        queries.emplace_back(xfrm::QuerySa{remote, local, child.spi_in});
        queries.emplace_back(xfrm::QuerySa{local, remote, child.spi_out});
    }
    if (!queries.empty()) context.request(CounterQuery{sa.own_spi()}, std::move(queries));
}

void on_counters(IkeSa& sa, std::span<const xfrm::OperationResult> results, Instant now) {
    for (const xfrm::OperationResult& result : results) {
        const auto* status = std::get_if<xfrm::SaStatus>(&result.status);
        if (!result.ok() || status == nullptr) continue;
        if (status->destination == sa.local.address)
            on_inbound(sa, *status);
        else
            on_outbound(sa, *status, now);
    }
    sa.counters_read = now;
}

}  // namespace xfrmd::ike::traffic
