#include <fmt/format.h>

#include "config/selectors.hpp"
#include "config/validate.hpp"

namespace xfrmd::config {

namespace {

class Phase2Validation {
  public:
    Phase2Validation(Phase2Entry& entry, const Phase1Entry& parent, Report& report)
        : entry_(entry), parent_(parent), report_(report) {}

    void run() {
        start_rules();
        if (parent_.esn != EsnPolicy::disable && !entry_.replay)
            error("replay", "false",
                  {fmt::format("extended sequence numbers ({}) need replay",
                               parent_.at("esn").to_text()),
                   "remove one of them"});
        const bool has_seconds = entry_.keylife_type != KeylifeType::kbs;
        if (has_seconds && entry_.keylife >= parent_.keylife)
            report_.warning(entry_.at("keylifeseconds"), std::to_string(entry_.keylife.count()),
                            {fmt::format("not shorter than keylife {} of {}",
                                         parent_.keylife.count(), parent_.place.to_text()),
                             "give the phase 2 the shorter life"});
        if (entry_.encapsulation == Encapsulation::transport && !entry_.selectors.local.empty())
            transport_mode();
    }

  private:
    void error(std::string_view option, std::string value, Complaint complaint) {
        report_.error(entry_.at(option), std::move(value), std::move(complaint));
    }

    /// V1, V2, V4, V9: what starts or renews a tunnel by itself, and what forbids that.
    void start_rules() {
        for (const std::string_view option : {"auto-negotiate", "keepalive"}) {
            const bool on = option == "keepalive" ? entry_.keepalive : entry_.auto_negotiate;
            if (!on) continue;
            if (parent_.passive) exclude(option, "passive-mode", "passive-mode true");
            if (parent_.type == GatewayType::dynamic) exclude(option, "type", "type dynamic");
            if (parent_.idle_timeout) exclude(option, "idle-timeout", "idle-timeout true");
        }
    }

    void exclude(std::string_view option, std::string_view of_parent, std::string_view what) {
        error(option, "true",
              {fmt::format("{} of a phase 2 excludes {} as set at {}", option, what,
                           parent_.at(of_parent).to_text()),
               fmt::format("remove {} here or {} there", option, of_parent)});
    }

    /// In transport mode the packets run between the gateways themselves.
    void transport_mode() {
        const Selectors& selectors = entry_.selectors;
        check_host("src", selectors.local, parent_.local_gateway);
        check_host("dst", selectors.remote, parent_.remote_gateway);
    }

    void check_host(std::string_view side, const std::vector<IpRange>& ranges,
                    const std::optional<IpAddress>& gateway) {
        const IpRange& range = ranges.front();
        const bool is_host = ranges.size() == 1 && range.first == range.last;
        const bool fits = is_host && range.family() == parent_.ip_version &&
                          (!gateway || range.first == *gateway);
        if (fits || (side == "dst" && parent_.type == GatewayType::dynamic)) return;
        const std::string expected =
            gateway ? fmt::format("{}/{}", gateway->to_text(), address_bits(gateway->family()))
                    : std::string("the gateway's address");
        error("encapsulation", "\"transport-mode\"",
              {fmt::format("transport mode carries packets between the gateways only, and {} is {}",
                           side, range.to_text()),
               fmt::format("set {} to {}", side, expected)});
    }

    Phase2Entry& entry_;
    const Phase1Entry& parent_;
    Report& report_;
};

std::optional<Offload> offload_of(OffloadChoice choice) {
    switch (choice) {
        case OffloadChoice::phase1: return std::nullopt;
        case OffloadChoice::automatic: return Offload::automatic;
        case OffloadChoice::packet: return Offload::packet;
        case OffloadChoice::crypto: return Offload::crypto;
        case OffloadChoice::none: return Offload::none;
    }
    return std::nullopt;
}

std::string address_name(const SelectorFields& fields) {
    if (fields.type == AddressType::name) return fields.name;
    return fields.type == AddressType::name6 ? fields.name6 : std::string();
}

}  // namespace

void validate_phase2(Phase2Entry& entry, const Phase1Entry* parent, const AddressBook& book,
                     Report& report) {
    entry.name = entry.key;
    entry.offload = offload_of(entry.offload_choice);
    entry.local_name = address_name(entry.source);
    entry.remote_name = address_name(entry.destination);
    if (auto selectors = resolve_selectors(entry, book, report))
        entry.selectors = *std::move(selectors);
    if (parent != nullptr) Phase2Validation(entry, *parent, report).run();
    entry.keepalive = entry.keepalive || entry.auto_negotiate;
}

}  // namespace xfrmd::config
