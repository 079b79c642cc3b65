#include "ike/offload_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "ike/offload_ladder.hpp"

namespace xfrmd::ike {
namespace {

constexpr std::chrono::seconds least_repetition{1};

bool is_offloaded(const ChildSa& child) {
    return child.offload.rung() != xfrm::OffloadMode::none;
}

/// Its place on the ladder was found with the device that the way to the peer had then: another
/// one may give it a higher or a lower one.
bool hangs_on_device(const ChildSa& child) {
    return child.offload.device != 0 && !child.offload.lost;
}

/// The inbound SPIs of an IKE SA's Child SAs that are so: they may go while others are looked at.
template <class Predicate>
std::vector<EspSpi> children_that(const IkeSa& sa, Predicate&& is_meant) {
    std::vector<EspSpi> spis;
    for (const ChildSa& child : sa.children)
        if (child.state == ChildState::established && is_meant(child)) spis.push_back(child.spi_in);
    return spis;
}

}  // namespace

// ---- Devices
// -----------------------------------------------------------------------------------

std::set<std::string> OffloadWatch::on_interfaces_changed(std::span<const Interface> interfaces) {
    Devices now;
    for (const Interface& one : interfaces)
        now.emplace(one.index, Device{one.name, one.up, one.esp_offload, one.times_down});
    std::set<std::string> returned;
    for (const auto& [index, device] : now) {
        const auto old = devices_.find(index);
        const bool was_up = old != devices_.end() && old->second.up;
        const bool went = old != devices_.end() && old->second.times_down != device.times_down;
        if (device.up && (!was_up || went)) returned.insert(device.name);
    }
    const Devices before = std::exchange(devices_, std::move(now));
    for (const auto& [index, old] : before) {
        const auto found = devices_.find(index);
        if (found == devices_.end())
            on_device_lost(index, old.name + " is gone");
        else if ((old.up && !found->second.up) || old.times_down != found->second.times_down)
            on_device_lost(index, old.name + " went down");
        else if (old.esp_offload && !found->second.esp_offload)
            on_feature_off(index);
    }
    return returned;
}

void OffloadWatch::on_device_lost(std::uint32_t index, const std::string& why) {
    put_up(context_.policies.leave_device(index));
    for (IkeSpi spi : sas_.all()) {
        IkeSa& sa = *sas_.find(spi);
        const auto lost = children_that(sa, [index](const ChildSa& child) {
            return is_offloaded(child) && child.offload.device == index;
        });
        for (EspSpi spi_in : lost)
            if (ChildSa* child = sa.find_child(spi_in)) lose(sa, *child, why);
        if (!lost.empty()) context_.unsettled.push_back(spi);
    }
}

void OffloadWatch::lose(IkeSa& sa, ChildSa& child, const std::string& why) {
    tell(sa, child, Reason::offload_device_lost,
         fmt::format("{}, and took the IPsec SA with SPI {:08x} out of the kernel", why,
                     child.spi_in.value()));
    child.offload.shortfalls.push_back({child.offload.rung(), why});
    child.offload.rungs = {xfrm::OffloadMode::none};
    child.offload.lost = true;
    child.traffic.lost = true;
    child.traffic.inbound.offload = child.traffic.outbound.offload = xfrm::OffloadMode::none;
    child.traffic.inbound.offload_device = child.traffic.outbound.offload_device = 0;
    // Passive ends begin nothing: the peer is told that it is gone, and makes another one.
    if (sa.phase1().passive)
        sa.close_child(child.spi_in, Reason::offload_device_lost, context_);
    else
        check_route(sa);
}

/// The SAs stay, and are done in software or not at all.
void OffloadWatch::on_feature_off(std::uint32_t index) {
    for (IkeSpi spi : sas_.all()) {
        IkeSa& sa = *sas_.find(spi);
        const auto affected = children_that(sa, [index](const ChildSa& child) {
            return is_offloaded(child) && child.offload.device == index;
        });
        for (EspSpi spi_in : affected)
            replace(sa, spi_in, devices_[index].name + " does no ESP any more");
    }
}

// ---- Routes
// ------------------------------------------------------------------------------------

void OffloadWatch::on_routes_changed() {
    for (IkeSpi spi : sas_.all()) {
        IkeSa& sa = *sas_.find(spi);
        const auto lost =
            children_that(sa, [](const ChildSa& child) { return child.offload.lost; });
        // What was asked when there was no way yet is lost; routes can change many times a second.
        if (!lost.empty() && context_.now.boottime - sa.last_sent >= least_repetition)
            sa.repeat_request(context_);
        if (!lost.empty() || !children_that(sa, hangs_on_device).empty()) check_route(sa);
    }
}

void OffloadWatch::check_route(const IkeSa& sa) {
    std::vector<xfrm::Operation> question;
    question.emplace_back(xfrm::QueryRoute{sa.local.address, sa.remote.address});
    context_.request(RouteCheck{sa.own_spi()}, std::move(question));
}

void OffloadWatch::on_route(IkeSa& sa, std::span<const xfrm::OperationResult> results) {
    const auto* route =
        results.empty() ? nullptr : std::get_if<xfrm::RouteStatus>(&results.front().status);
    if (route == nullptr || !results.front().ok()) return;
    const auto device = devices_.find(route->interface_index);
    if (device == devices_.end() || !device->second.up) return;
    const auto lost = children_that(sa, [](const ChildSa& child) { return child.offload.lost; });
    for (EspSpi spi_in : lost)
        replace(sa, spi_in, {});
    const auto astray = children_that(sa, [&](const ChildSa& child) {
        return hangs_on_device(child) && child.offload.device != device->first &&
               (is_offloaded(child) || device->second.esp_offload);
    });
    for (EspSpi spi_in : astray)
        replace(sa, spi_in, "the way to the peer leads through " + device->second.name + " now");
}

/// Another Child SA takes the place of this one. `why` is told, if it is news.
void OffloadWatch::replace(IkeSa& sa, EspSpi spi_in, const std::string& why) {
    ChildSa* child = sa.find_child(spi_in);
    if (child == nullptr || child->replaced_by != EspSpi(0)) return;
    const auto* request = sa.pending<ChildRequest>();
    const bool is_asked = request != nullptr && request->rekeys == spi_in;
    if (is_asked || !sa.is_established() || sa.is_closing() || sa.phase1().passive) return;
    if (!why.empty())
        tell(sa, *child, Reason::offload_device_lost,
             fmt::format("{}: the IPsec SA with SPI {:08x} gets a successor", why, spi_in.value()));
    child->wants_successor = true;
    sa.ask(RekeyChild{spi_in}, context_);
}

// ---- What the kernel says
// ----------------------------------------------------------------------

void OffloadWatch::on_status(const xfrm::SaStatus& status) {
    const auto outbound = context_.outbound_spis.find({status.destination, status.spi});
    const bool is_out = outbound != context_.outbound_spis.end();
    const EspSpi spi_in = is_out ? outbound->second : status.spi;
    const auto owner = context_.esp_spis.find(spi_in);
    IkeSa* sa = owner == context_.esp_spis.end() ? nullptr : sas_.find(owner->second);
    ChildSa* child = sa != nullptr ? sa->find_child(spi_in) : nullptr;
    if (child == nullptr || child->state != ChildState::established) return;
    xfrm::SaStatus& known = is_out ? child->traffic.outbound : child->traffic.inbound;
    if (known.spi != status.spi || status.offload >= known.offload) return;
    tell(*sa, *child, Reason::offload_lost,
         fmt::format("the {} IPsec SA with SPI {:08x} is in {} now, and was in {}",
                     is_out ? "outbound" : "inbound", status.spi.value(),
                     offload::to_text(status.offload), offload::to_text(known.offload)));
    const bool was_packet = known.offload == xfrm::OffloadMode::packet;
    child->offload.shortfalls.push_back({known.offload, "the kernel gave it up by itself"});
    known.offload = status.offload;
    known.offload_device = status.offload_device;
    if (!was_packet) return;
    // Its policies are the device's, and lead to nothing now.
    child->offload.rungs = {xfrm::OffloadMode::none};
    put_up(context_.policies.leave_device(child->offload.device, spi_in));
    replace(*sa, spi_in, {});
}

// ---- Words
// -------------------------------------------------------------------------------------

void OffloadWatch::tell(const IkeSa& sa, const ChildSa& child, Reason reason,
                        const std::string& what) {
    Event told = sa.event(EventKind::offload_changed, Severity::warning, what);
    told.phase2 = sa.phase1().phase2s[child.phase2].name;
    told.esp_spi_in = child.spi_in;
    told.esp_spi_out = child.spi_out;
    told.reason = reason;
    context_.emit(std::move(told));
}

void OffloadWatch::put_up(std::vector<xfrm::PolicyOperation> policies) {
    std::vector<xfrm::Operation> operations;
    xfrm::append(operations, policies);
    if (!operations.empty()) context_.request(PolicySwitch{}, std::move(operations));
}

}  // namespace xfrmd::ike
