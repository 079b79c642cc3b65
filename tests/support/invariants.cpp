#include "support/invariants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "ike/ike_sa_states.hpp"
#include "xfrm/selectors.hpp"

namespace xfrmd::test {
namespace {

using ike::ChildOverview;
using ike::IkeSaOverview;
using ike::Overview;
using ike::StateName;
using xfrm::Direction;

/// Timers that may be armed for each thing that has timers, with room for those to come.
constexpr std::size_t timers_of_engine = 4, timers_of_tunnel = 4, timers_of_ike_sa = 8,
                      timers_of_child = 4;

/// A running gateway and what its engine holds, which is not for nothing to ask.
struct Look {
    const Gateway& gateway;
    Overview overview;
};

std::vector<Look> look_at(const World& world) {
    std::vector<Look> looks;
    for (const auto& gateway : world.gateways())
        if (gateway->is_running()) looks.push_back({*gateway, gateway->engine().overview()});
    return looks;
}

/// SAs as both the engine and the kernel name them, in order and each once.
using SaNames = std::vector<std::pair<IpAddress, EspSpi>>;

SaNames in_order(SaNames names) {
    std::ranges::sort(names);
    const auto doubled = std::ranges::unique(names);
    names.erase(doubled.begin(), doubled.end());
    return names;
}

std::size_t count_children(const Overview& overview) {
    std::size_t count = 0;
    for (const IkeSaOverview& sa : overview.ike_sas)
        count += sa.children.size();
    return count;
}

SaNames sas_of_engine(const Overview& overview) {
    SaNames names;
    for (const IkeSaOverview& sa : overview.ike_sas) {
        for (const ChildOverview& child : sa.children) {
            names.emplace_back(child.path.local.address, child.spi_in);
            names.emplace_back(child.path.remote.address, child.spi_out);
        }
    }
    return in_order(std::move(names));
}

SaNames sas_of_kernel(const FakeKernel& kernel) {
    SaNames names;
    for (const auto& [id, sa] : kernel.sas())
        if (xfrm::is_own(sa.install.reqid)) names.emplace_back(id.destination, id.spi);
    return in_order(std::move(names));
}

void tell_missing(Violations& violations, const Gateway& gateway, const SaNames& from,
                  const SaNames& in, const char* what) {
    SaNames missing;
    std::ranges::set_difference(from, in, std::back_inserter(missing));
    for (const auto& [destination, spi] : missing)
        violations.push_back(fmt::format("{}: SA {:08x} to {} {}", gateway.name, spi.value(),
                                         destination.to_text(), what));
}

void expect_at_most(Violations& violations, const Gateway& gateway, const char* what,
                    std::size_t count, std::size_t most) {
    if (count > most)
        violations.push_back(
            fmt::format("{}: {} {}, at most {} expected", gateway.name, count, what, most));
}

/// Requests of ours under way may have reserved SPIs.
bool is_quiet(const IkeSaOverview& sa) {
    return sa.state == StateName::established && !sa.awaits_response && sa.queued_requests == 0;
}

std::vector<xfrm::Selector> reversed(std::vector<xfrm::Selector> selectors) {
    for (xfrm::Selector& selector : selectors)
        selector = xfrm::reversed(selector);
    return selectors;
}

std::string to_text(const std::vector<xfrm::Selector>& selectors) {
    std::string text;
    for (const xfrm::Selector& selector : selectors)
        text += (text.empty() ? "" : ", ") + selector.to_text();
    return text;
}

/// The Child SA to whose inbound half `spi` the other gateway's outbound half leads.
const ChildOverview* find_inbound(const Overview& overview, const IpAddress& address, EspSpi spi) {
    for (const IkeSaOverview& sa : overview.ike_sas)
        for (const ChildOverview& child : sa.children)
            if (sa.local.address == address && child.spi_in == spi) return &child;
    return nullptr;
}

void compare_halves(Violations& violations, const Look& sender, const Look& receiver) {
    for (const IkeSaOverview& sa : sender.overview.ike_sas) {
        for (const ChildOverview& child : sa.children) {
            const ChildOverview* other =
                find_inbound(receiver.overview, sa.remote.address, child.spi_out);
            if (other == nullptr) continue;
            // Texts are made of what is wrong alone: this is asked after each event.
            const auto tell = [&](const std::string& what) {
                violations.push_back(fmt::format("{} -> {}, SA {:08x}: {}", sender.gateway.name,
                                                 receiver.gateway.name, child.spi_out.value(),
                                                 what));
            };
            if (!std::ranges::is_permutation(child.selectors, other->selectors, {}, {},
                                             xfrm::reversed))
                tell(fmt::format("selectors differ: {} and {}", to_text(child.selectors),
                                 to_text(reversed(other->selectors))));
            const HeldSa* out = sender.gateway.kernel.find(child.spi_out, Direction::out);
            const HeldSa* in = receiver.gateway.kernel.find(child.spi_out, Direction::in);
            if (out != nullptr && in != nullptr && !same_protection(out->install, in->install))
                tell("keys or algorithms differ");
        }
    }
}

Violations check_tables(const Look& look) {
    Violations violations;
    const auto& [gateway, overview] = look;
    if (overview.kernel_requests > 0) return violations;
    SaNames engine = sas_of_engine(overview);
    const SaNames kernel = sas_of_kernel(gateway.kernel);
    tell_missing(violations, gateway, engine, kernel, "is not in the kernel");
    // A retired one may have reached its end in the kernel before the engine takes it out.
    for (const xfrm::DeleteSa& retired : overview.retired_sas)
        engine.emplace_back(retired.destination, retired.spi);
    engine = in_order(std::move(engine));
    tell_missing(violations, gateway, kernel, engine, "is in the kernel, the engine has none");
    const std::size_t children = count_children(overview);
    if (overview.esp_spis < children)
        violations.push_back(fmt::format("{}: {} Child SAs, but only {} SPIs in use", gateway.name,
                                         children, overview.esp_spis));
    expect_at_most(violations, gateway, "outbound SPIs", overview.outbound_spis, children);
    expect_at_most(violations, gateway, "timers", overview.timers,
                   timers_of_engine + timers_of_tunnel * overview.tunnels +
                       timers_of_ike_sa * overview.ike_sas.size() + timers_of_child * children +
                       overview.retired_sas.size());
    return violations;
}

Violations check_quiet(const Look& look) {
    Violations violations;
    const auto& [gateway, overview] = look;
    for (const IkeSaOverview& sa : overview.ike_sas)
        if (!is_quiet(sa))
            violations.push_back(fmt::format("{}: an IKE SA of {} is {}, {}, {} requests queued",
                                             gateway.name, sa.phase1, ike::to_text(sa.state),
                                             sa.awaits_response ? "awaits a response" : "is idle",
                                             sa.queued_requests));
    if (!violations.empty()) return violations;
    const std::size_t children = count_children(overview);
    expect_at_most(violations, gateway, "inbound SPIs in use", overview.esp_spis,
                   children + overview.retired_sas.size());
    expect_at_most(violations, gateway, "kernel requests unanswered",
                   overview.kernel_requests + gateway.waiting_requests.size(), 0);
    return violations;
}

void append(Violations& all, Violations more) {
    std::ranges::move(more, std::back_inserter(all));
}

/// How often each phase 2 has a Child SA, by "phase1/phase2".
std::map<std::string, std::size_t> children_by_phase2(const Overview& overview) {
    std::map<std::string, std::size_t> counts;
    for (const IkeSaOverview& sa : overview.ike_sas)
        for (const ChildOverview& child : sa.children)
            ++counts[sa.phase1 + "/" + child.phase2];
    return counts;
}

Violations check_exactly_one(const Gateway& gateway, const IpAddress& peer) {
    Violations violations;
    Overview overview = gateway.engine().overview();
    std::erase_if(overview.ike_sas,
                  [&](const IkeSaOverview& sa) { return sa.remote.address != peer; });
    if (overview.ike_sas.size() != 1)
        violations.push_back(fmt::format("{}: {} IKE SAs with {}, 1 expected", gateway.name,
                                         overview.ike_sas.size(), peer.to_text()));
    auto counts = children_by_phase2(overview);
    for (const auto& phase1 : gateway.config()->phase1s)
        if (phase1->remote_gateway == peer)
            for (const config::Phase2& phase2 : phase1->phase2s)
                if (const std::size_t count = counts[phase1->name + "/" + phase2.name]; count != 1)
                    violations.push_back(fmt::format("{}: {} Child SAs of {}, 1 expected",
                                                     gateway.name, count, phase2.name));
    return violations;
}

}  // namespace

std::string to_text(const Violations& violations) {
    std::string text;
    for (const std::string& violation : violations)
        text += violation + "\n";
    return text;
}

Violations check_always(const World& world) {
    Violations violations;
    const std::vector<Look> looks = look_at(world);
    for (const Look& sender : looks)
        for (const Look& receiver : looks)
            if (&sender != &receiver) compare_halves(violations, sender, receiver);
    for (const Look& look : looks)
        append(violations, check_tables(look));
    return violations;
}

Violations check_tables(const Gateway& gateway) {
    if (!gateway.is_running()) return {};
    return check_tables(Look{gateway, gateway.engine().overview()});
}

Violations check_quiet(const World& world) {
    Violations violations = check_always(world);
    for (const Look& look : look_at(world))
        append(violations, check_quiet(look));
    return violations;
}

Violations check_converged(const Gateway& a, const Gateway& b) {
    Violations violations = check_exactly_one(a, b.address);
    append(violations, check_exactly_one(b, a.address));
    return violations;
}

Violations check_nothing_in_clear(const Gateway& gateway) {
    Violations violations;
    if (!gateway.is_running() || !gateway.config()) return violations;
    for (const auto& phase1 : gateway.config()->phase1s) {
        if (phase1->route_based) continue;
        for (const config::Phase2& phase2 : phase1->phase2s) {
            const Packet packet{phase2.selectors.local.front().first,
                                phase2.selectors.remote.front().first};
            if (gateway.kernel.outbound(packet).fate == FakeKernel::Fate::clear)
                violations.push_back(fmt::format("{}: packets of {} leave in clear text",
                                                 gateway.name, phase2.name));
        }
    }
    return violations;
}

Violations check_stopped(const Gateway& gateway) {
    Violations violations;
    const Overview overview = gateway.engine().overview();
    if (!gateway.engine().stopped()) violations.push_back(gateway.name + ": has not stopped");
    expect_at_most(violations, gateway, "Child SAs", count_children(overview), 0);
    expect_at_most(violations, gateway, "kernel requests unanswered", overview.kernel_requests, 0);
    expect_at_most(violations, gateway, "inbound SPIs in use", overview.esp_spis, 0);
    expect_at_most(violations, gateway, "outbound SPIs in use", overview.outbound_spis, 0);
    expect_at_most(violations, gateway, "SAs in the kernel", sas_of_kernel(gateway.kernel).size(),
                   0);
    expect_at_most(violations, gateway, "policies in the kernel", gateway.kernel.policies().size(),
                   0);
    // Interfaces of configured tunnels stay for the next start.
    std::size_t foreign = 0;
    for (const auto& [name, interface] : gateway.kernel.interfaces())
        if (!gateway.config() || !gateway.config()->has_device(name)) ++foreign;
    expect_at_most(violations, gateway, "interfaces in the kernel of no tunnel", foreign, 0);
    return violations;
}

Violations check_empty(const Gateway& gateway) {
    Violations violations = check_stopped(gateway);
    const Overview overview = gateway.engine().overview();
    expect_at_most(violations, gateway, "IKE SAs", overview.ike_sas.size(), 0);
    expect_at_most(violations, gateway, "timers", overview.timers, 0);
    return violations;
}

}  // namespace xfrmd::test
