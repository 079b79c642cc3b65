#include "ike/offload_ladder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ike/tunnel_table.hpp"

namespace xfrmd::ike::offload {
namespace {

using config::Offload;
using xfrm::OffloadMode;

std::vector<OffloadMode> rungs_of(Offload asked, bool required) {
    std::vector<OffloadMode> rungs;
    if (asked == Offload::automatic || asked == Offload::packet)
        rungs.push_back(OffloadMode::packet);
    if (asked == Offload::automatic || asked == Offload::crypto ||
        (asked == Offload::packet && !required))
        rungs.push_back(OffloadMode::crypto);
    if (!required || asked == Offload::none) rungs.push_back(OffloadMode::none);
    return rungs;
}

void strike(ChildOffload& offload, OffloadMode mode, std::string why) {
    if (std::erase(offload.rungs, mode) > 0) offload.shortfalls.push_back({mode, std::move(why)});
}

void strike_offload(ChildOffload& offload, const std::string& why) {
    strike(offload, OffloadMode::packet, why);
    strike(offload, OffloadMode::crypto, why);
}

const char* name_of(OffloadMode mode) {
    static constexpr std::array names{"software", "crypto", "packet"};
    return names[static_cast<std::size_t>(mode)];
}

}  // namespace

ChildOffload plan(const IkeSa& sa, const ChildSa& child, const EngineContext& context) {
    ChildOffload offload;
    offload.asked = sa.phase1().phase2s[child.phase2].offload.value_or(sa.phase1().offload);
    offload.required = sa.phase1().offload_require;
    offload.rungs = rungs_of(offload.asked, offload.required);
    offload.suite_preferred = offered_proposals(sa, child.phase2, context) !=
                              usable_proposals(sa.phase1().phase2s[child.phase2], context);
    // Kernels refuse ESP in UDP, or take it and lose what comes in.
    if (child.in_udp) strike_offload(offload, "ESP goes in UDP, for NAT traversal");
    offload.no_device = !context.tunnels.can_offload();
    if (offload.no_device)
        strike_offload(offload, fmt::format("{} announces no ESP offload", sa.phase1().interface));
    // An SA has one selector. What crypto offload has decrypted passes where there is no policy, so
    // with several selectors a peer could send outside of them all.
    if (child.policies.size() != 1)
        strike(
            offload, OffloadMode::crypto,
            fmt::format("packets outside of the {} selectors would pass", child.policies.size()));
    return offload;
}

bool wants_device(const ChildOffload& offload) {
    return offload.rung() != OffloadMode::none && offload.device == 0;
}

void on_route(ChildOffload& offload, const xfrm::OperationResult& answer,
              const EngineContext& context) {
    const auto* route = std::get_if<xfrm::RouteStatus>(&answer.status);
    if (!answer.ok() || route == nullptr)
        return strike_offload(offload, "no route to the peer: " + answer.to_text());
    const Interface* device = context.tunnels.interface(route->interface_index);
    if (device == nullptr) return strike_offload(offload, "the way to the peer has no device");
    offload.device = device->index;
    offload.device_name = device->name;
    if (!device->esp_offload)
        strike_offload(offload, fmt::format("{} announces no ESP offload", device->name));
}

void climb_down(ChildOffload& offload, std::string why) {
    strike(offload, offload.rung(), std::move(why));
}

bool settle_in_software(ChildOffload& offload, std::string why) {
    climb_down(offload, std::move(why));
    return !offload.rungs.empty();
}

ChildRefusal refusal_of(const ChildOffload& offload) {
    return {wire::NotifyType::no_proposal_chosen, Reason::offload_required,
            fmt::format("offload-require is set, and what it asks for cannot be had{}: {}",
                        offload.device_name.empty() ? "" : " of " + offload.device_name,
                        to_text(offload.shortfalls))};
}

std::string to_text(const std::vector<OffloadShortfall>& shortfalls) {
    std::string text;
    for (std::size_t i = 0; i < shortfalls.size(); ++i) {
        const bool same = i + 1 < shortfalls.size() && shortfalls[i].why == shortfalls[i + 1].why;
        text += name_of(shortfalls[i].mode);
        if (same)
            text += ", ";
        else
            text += fmt::format(": {}{}", shortfalls[i].why, i + 1 < shortfalls.size() ? "; " : "");
    }
    return text;
}

std::string news(const ChildOffload& offload) {
    const bool is_expected = offload.asked == Offload::automatic && offload.no_device;
    return is_expected ? std::string{} : to_text(offload.shortfalls);
}

std::string_view to_text(OffloadMode mode) {
    static constexpr std::array<std::string_view, 3> texts{"software", "crypto offload",
                                                           "packet offload"};
    return texts[static_cast<std::size_t>(mode)];
}

}  // namespace xfrmd::ike::offload
