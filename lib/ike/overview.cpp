#include "ike/overview.hpp"

#include <algorithm>

#include "ike/ike_sa_table.hpp"

namespace xfrmd::ike {
namespace {

ChildOverview overview_of(const ChildSa& child, const IkeSa& sa) {
    ChildOverview overview;
    const auto& phase2s = sa.phase1().phase2s;
    if (child.phase2 < phase2s.size()) overview.phase2 = phase2s[child.phase2].name;
    overview.established = child.state == ChildState::established;
    overview.spi_in = child.spi_in;
    overview.spi_out = child.spi_out;
    overview.selectors = child.policies;
    overview.path = child.path;
    overview.in_udp = child.in_udp;
    return overview;
}

IkeSaOverview overview_of(const IkeSa& sa) {
    IkeSaOverview overview;
    overview.role = sa.role;
    overview.state = sa.state_name();
    if (sa.tunnel) overview.phase1 = sa.tunnel->name();
    overview.spi_i = sa.spi_i;
    overview.spi_r = sa.spi_r;
    overview.local = sa.local;
    overview.remote = sa.remote;
    overview.nat = sa.nat;
    overview.awaits_response = !sa.window.idle();
    overview.queued_requests = sa.wishes.size();
    for (const ChildSa& child : sa.children)
        overview.children.push_back(overview_of(child, sa));
    return overview;
}

}  // namespace

Overview overview_of(IkeSaTable& sas, const EngineContext& context) {
    Overview overview;
    std::vector<IkeSpi> spis = sas.all();
    std::ranges::sort(spis);
    for (IkeSpi spi : spis)
        if (const IkeSa* sa = sas.find(spi)) overview.ike_sas.push_back(overview_of(*sa));
    overview.tunnels = context.tunnels.by_name().size();
    overview.timers = context.timers.size();
    overview.kernel_requests = context.kernel_requests.size();
    overview.esp_spis = context.esp_spis.size();
    overview.outbound_spis = context.outbound_spis.size();
    overview.retired_sas = context.retired_sas.all();
    return overview;
}

}  // namespace xfrmd::ike
