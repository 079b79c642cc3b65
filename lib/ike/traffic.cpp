#include "ike/traffic.hpp"

#include <algorithm>
#include <cerrno>

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
    if (child == nullptr) return;
    Traffic& traffic = child->traffic;
    traffic.inbound = status;
    if (!has_grown(traffic.packets_in, status.packets)) return;
    traffic.last_used = traffic.last_in = sa.counters_read;
    sa.last_inbound = std::max(sa.last_inbound, sa.counters_read);
}

void on_outbound(IkeSa& sa, const xfrm::SaStatus& status, Instant now) {
    ChildSa* child = sa.find_child_of_peer(status.spi);
    if (child == nullptr) return;
    Traffic& traffic = child->traffic;
    traffic.outbound = status;
    if (!has_grown(traffic.packets_out, status.packets)) return;
    traffic.last_used = traffic.last_out = sa.counters_read;
    sa.last_outbound = now;
    sa.outbound_after = sa.counters_read;
}

/// Somebody took SAs out of the kernel: those that it did not tell of.
void note_lost(IkeSa& sa, std::span<const xfrm::OperationResult> results) {
    const auto tells_of = [&](EspSpi spi) {
        return std::ranges::any_of(results, [spi](const xfrm::OperationResult& result) {
            const auto* status = std::get_if<xfrm::SaStatus>(&result.status);
            return result.ok() && status != nullptr && status->spi == spi;
        });
    };
    const bool is_missing = std::ranges::any_of(
        results, [](const xfrm::OperationResult& result) { return result.error == ESRCH; });
    for (ChildSa& child : sa.children)
        child.traffic.lost = is_missing && child.state == ChildState::established &&
                             !(tells_of(child.spi_in) && tells_of(child.spi_out));
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
    note_lost(sa, results);
    sa.counters_read = now;
}

void book(std::span<const BookedSa> booked, std::span<const xfrm::OperationResult> results,
          EngineContext& context) {
    for (const xfrm::OperationResult& result : results) {
        const auto* status = std::get_if<xfrm::SaStatus>(&result.status);
        if (!result.ok() || status == nullptr) continue;
        const auto known = std::ranges::find_if(booked, [status](const BookedSa& one) {
            return one.sa.spi == status->spi && one.sa.destination == status->destination;
        });
        const auto place = context.tunnels.find(status->reqid);
        if (known == booked.end() || !place) continue;
        const std::uint64_t packets = status->packets - std::min(status->packets, known->packets);
        const std::uint64_t bytes = status->bytes - std::min(status->bytes, known->bytes);
        ChildTraffic& past = place->tunnel->phase2_states[place->phase2].past;
        (known->inbound ? past.packets_in : past.packets_out) += packets;
        (known->inbound ? past.bytes_in : past.bytes_out) += bytes;
    }
}

void keep(const ChildSa& child, Tunnel& tunnel) {
    if (child.phase2 >= tunnel.phase2_states.size()) return;
    ChildTraffic& past = tunnel.phase2_states[child.phase2].past;
    past.packets_in += child.traffic.inbound.packets;
    past.packets_out += child.traffic.outbound.packets;
    past.bytes_in += child.traffic.inbound.bytes;
    past.bytes_out += child.traffic.outbound.bytes;
}

}  // namespace xfrmd::ike::traffic
