#include "ike/tunnel_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ike/proposal_text.hpp"
#include "ike/traffic.hpp"
#include "xfrm/mtu.hpp"

namespace xfrmd::ike {
namespace {

/// What an underlay without a word about it is taken for.
constexpr std::uint32_t usual_mtu = 1500;
/// What is left of an interface id without our prefix.
constexpr std::uint32_t number_mask = ~xfrm::own_prefix_mask;

/// The MTU that fits whatever suite is negotiated.
std::uint32_t interface_mtu(const config::Phase1& phase1, std::uint32_t underlay_mtu) {
    // Whether there is a NAT is known only later.
    const bool may_be_in_udp = phase1.nat_traversal != config::NatTraversal::disable;
    std::uint32_t mtu = underlay_mtu;
    for (const config::Phase2& phase2 : phase1.phase2s) {
        for (const config::EspProposal& proposal : phase2.proposals) {
            crypto::EspSuite suite;
            suite.cipher = proposal.cipher;
            suite.integrity = proposal.integrity;
            mtu = std::min(mtu,
                           xfrm::tunnel_mtu(underlay_mtu, suite, phase1.ip_version, may_be_in_udp));
        }
    }
    return mtu;
}

bool is_supported(const config::IkeProposal& proposal, const crypto::Library& library) {
    return library.supports(proposal.cipher) && library.supports(proposal.prf) &&
           (proposal.integrity == wire::IntegrityId::none || library.supports(proposal.integrity));
}

/// What was to be removed and is not there is where we wanted it.
bool is_gone(const xfrm::OperationResult& result) {
    return result.error == ESRCH || result.error == ENOENT || result.error == ENODEV;
}

}  // namespace

bool TunnelSetup::is_possible(const config::Phase1& phase1) {
    const crypto::Library& library = context_.library;
    const bool possible = std::ranges::all_of(phase1.proposals,
                                              [&](const auto& proposal) {
                                                  return is_supported(proposal, library);
                                              }) &&
                          std::ranges::all_of(phase1.key_exchanges,
                                              [&](auto group) { return library.supports(group); });
    if (!possible) {
        Event event;
        event.phase1 = phase1.name;
        event.kind = EventKind::ike_sa_failed;
        event.severity = Severity::error;
        event.reason = Reason::algorithm_missing;
        event.message = fmt::format("not in service: OpenSSL on this machine lacks one of {}",
                                    describe(phase1));
        context_.emit(std::move(event));
    }
    return possible;
}

void TunnelSetup::add(std::shared_ptr<const config::Phase1> phase1) {
    auto tunnel = std::make_shared<Tunnel>();
    tunnel->phase1 = std::move(phase1);
    tunnel->number = ++last_number_;
    tunnel->remote = tunnel->phase1->remote_gateway;
    for (std::size_t i = 0; i < tunnel->phase1->phase2s.size(); ++i)
        tunnel->reqids.push_back(take_reqid());
    if (tunnel->phase1->route_based) give_interface(*tunnel);
    context_.tunnels.add(tunnel);
    for (Phase2State& state : tunnel->phase2_states)
        state.since = state.down_since = context_.now.boottime;
    standing_policies_.put(*tunnel);
}

Reqid TunnelSetup::take_reqid() {
    return xfrm::reqid_of_pair(reqids_.take().value_or(0));
}

void TunnelSetup::give_back(Reqid reqid) {
    reqids_.give_back(xfrm::pair_of_reqid(reqid));
}

void TunnelSetup::adopt(std::vector<XfrmDevice> devices) {
    adopted_ = std::move(devices);
    for (const XfrmDevice& device : adopted_)
        if_ids_.skip(device.if_id.value() & number_mask);
}

void TunnelSetup::give_interface(Tunnel& tunnel) {
    const auto left = std::ranges::find(adopted_, tunnel.name(), &XfrmDevice::name);
    if (left != adopted_.end()) {
        tunnel.if_id = left->if_id;
        tunnel.interface_exists = true;
        const Interface* underlay = context_.tunnels.interface(tunnel.phase1->interface);
        if (underlay != nullptr && underlay->index != left->underlay_index) change_underlay(tunnel);
        adopted_.erase(left);
        return;
    }
    tunnel.if_id = IfId(xfrm::own_reqid_prefix | if_ids_.take().value_or(0));
    create_interface(tunnel);
}

void TunnelSetup::create_interface(const Tunnel& tunnel) {
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(wanted_interface(tunnel));
    context_.request(InterfaceCreation{tunnel.number}, std::move(operations));
}

/// In place: the addresses and routes on it stay.
void TunnelSetup::change_underlay(const Tunnel& tunnel) {
    xfrm::CreateInterface change = wanted_interface(tunnel);
    change.replace = true;
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(std::move(change));
    context_.request(InterfaceChange{tunnel.number}, std::move(operations));
}

xfrm::CreateInterface TunnelSetup::wanted_interface(const Tunnel& tunnel) const {
    const Interface* underlay = context_.tunnels.interface(tunnel.phase1->interface);
    xfrm::CreateInterface create;
    create.name = tunnel.name();
    create.if_id = tunnel.if_id;
    create.underlay_index = underlay != nullptr ? underlay->index : 0;
    create.mtu = interface_mtu(*tunnel.phase1, underlay != nullptr ? underlay->mtu : usual_mtu);
    return create;
}

void TunnelSetup::set_remote(Tunnel& tunnel, const IpAddress& remote) {
    tunnel.remote = remote;
    standing_policies_.put(tunnel);
}

void TunnelSetup::on_interfaces_changed() {
    for (const auto& [name, tunnel] : context_.tunnels.by_name())
        standing_policies_.put(*tunnel);
}

void TunnelSetup::remove(Tunnel& tunnel) {
    delete_interface(tunnel);
    leave(tunnel);
}

void TunnelSetup::leave(Tunnel& tunnel) {
    standing_policies_.remove(tunnel);
    if (tunnel.phase1->route_based) if_ids_.give_back(tunnel.if_id.value() & number_mask);
    for (Reqid reqid : tunnel.reqids)
        give_back(reqid);
    context_.tunnels.remove(std::string(tunnel.name()));
}

void TunnelSetup::delete_interface(Tunnel& tunnel) {
    if (!std::exchange(tunnel.interface_exists, false)) return;
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(xfrm::DeleteInterface{tunnel.name(), tunnel.if_id});
    context_.request(Removal{}, std::move(operations));
}

void TunnelSetup::retry_interface(const Tunnel& tunnel) {
    if (!tunnel.phase1->route_based || tunnel.interface_exists) return;
    const auto is_asked_for = [&tunnel](const auto& request) {
        const auto* creation = std::get_if<InterfaceCreation>(&request.second.purpose);
        return creation != nullptr && creation->tunnel == tunnel.number;
    };
    if (std::ranges::none_of(context_.kernel_requests, is_asked_for)) create_interface(tunnel);
}

void TunnelSetup::change(const std::shared_ptr<Tunnel>& tunnel,
                         std::shared_ptr<const config::Phase1> loaded,
                         const Alteration& alteration) {
    const config::Phase1& running = *tunnel->phase1;
    for (std::size_t i = 0; i < running.phase2s.size(); ++i)
        if (alteration.ends(i) || loaded->type == config::GatewayType::dynamic)
            standing_policies_.remove(*tunnel, i);
    const bool same_name = running.type == config::GatewayType::ddns &&
                           loaded->type == config::GatewayType::ddns &&
                           running.remote_gateway_name == loaded->remote_gateway_name;
    const auto resolved = same_name ? tunnel->remote : std::nullopt;
    const bool other_underlay = running.interface != loaded->interface;

    context_.tunnels.remove(tunnel->name());
    move_phase2s(*tunnel, *loaded, alteration);
    tunnel->phase1 = std::move(loaded);
    context_.tunnels.add(tunnel);
    if (resolved) context_.tunnels.set_remote(tunnel, *resolved);
    if (other_underlay && tunnel->interface_exists) change_underlay(*tunnel);
    retry_interface(*tunnel);
}

/// What is kept by place among the phase 2s.
void TunnelSetup::move_phase2s(Tunnel& tunnel, const config::Phase1& loaded,
                               const Alteration& alteration) {
    const auto reqids = std::exchange(tunnel.reqids, std::vector<Reqid>(loaded.phase2s.size()));
    auto states =
        std::exchange(tunnel.phase2_states, std::vector<Phase2State>(loaded.phase2s.size()));
    for (Phase2State& state : tunnel.phase2_states)
        state.since = state.down_since = context_.now.boottime;
    const auto standing =
        std::exchange(tunnel.standing, std::vector<bool>(loaded.phase2s.size(), false));
    for (std::size_t i = 0; i < reqids.size(); ++i) {
        const std::size_t place = alteration.new_place(i);
        if (place == no_phase2) {
            give_back(reqids[i]);
            continue;
        }
        tunnel.reqids[place] = reqids[i];
        tunnel.phase2_states[place] = std::move(states[i]);
        tunnel.standing[place] = i < standing.size() && standing[i];
    }
    for (Reqid& reqid : tunnel.reqids)
        if (reqid == Reqid{}) reqid = take_reqid();
}

void TunnelSetup::on_kernel_reply(const KernelPurpose& purpose,
                                  std::span<const PolicyStep> policies,
                                  std::span<const xfrm::OperationResult> results) {
    if (const auto* standing = std::get_if<StandingInstallation>(&purpose))
        return standing_policies_.on_answer(*standing, policies, results);
    const auto* removal = std::get_if<Removal>(&purpose);
    if (removal != nullptr) traffic::book(removal->booked, results, context_);
    const auto* creation = std::get_if<InterfaceCreation>(&purpose);
    const auto* change = std::get_if<InterfaceChange>(&purpose);
    const auto tunnel = creation != nullptr ? context_.tunnels.find(creation->tunnel)
                        : change != nullptr ? context_.tunnels.find(change->tunnel)
                                            : nullptr;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].ok() || (removal != nullptr && is_gone(results[i]))) continue;
        const auto policy = std::ranges::find(policies, i, &PolicyStep::place);
        const char* verb = creation != nullptr ? "create" : "change";
        const std::string what = tunnel ? fmt::format("{} interface {}", verb, tunnel->name())
                                 : policy != policies.end() ? policy->to_text()
                                                            : "remove state";
        return tell_refusal(tunnel.get(), what, results[i]);
    }
    if (tunnel && creation != nullptr) on_interface(*tunnel);
}

void TunnelSetup::on_interface(Tunnel& tunnel) {
    tunnel.interface_exists = true;
    Event event;
    event.kind = EventKind::interface_created;
    event.severity = Severity::notice;
    event.phase1 = tunnel.name();
    event.message = "interface " + tunnel.name() + " is there";
    context_.emit(std::move(event));
    standing_policies_.put(tunnel);
}

void TunnelSetup::tell_refusal(const Tunnel* tunnel, const std::string& what,
                               const xfrm::OperationResult& result) {
    Event event;
    event.kind = EventKind::kernel_refused;
    event.severity = Severity::error;
    event.reason = Reason::kernel_refused;
    if (tunnel != nullptr) event.phase1 = tunnel->name();
    event.message = fmt::format("the kernel refuses to {}: {}", what, result.to_text());
    context_.emit(std::move(event));
}

}  // namespace xfrmd::ike
