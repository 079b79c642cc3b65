#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/validate.hpp"

namespace xfrmd::config {

namespace {

/// Names of phase 2 entries must differ: "up" and the status name them.
void check_phase2_names(const Settings& settings, Report& report) {
    std::map<std::string_view, const Phase2Entry*> first;
    for (const Phase2Entry& entry : settings.phase2s) {
        const auto [known, is_new] = first.emplace(entry.key, &entry);
        if (!is_new)
            report.error(entry.place, in_quotes(entry.key),
                         {fmt::format("{} has this name already", known->second->place.to_text()),
                          "rename one of them"});
    }
}

void check_phase1s_without_phase2(const Settings& settings, Report& report) {
    std::set<std::string_view> used;
    for (const Phase2Entry& entry : settings.phase2s)
        used.insert(entry.phase1_name);
    for (const Phase1Entry& entry : settings.phase1s)
        if (!used.contains(entry.key))
            report.warning(entry.place, in_quotes(entry.key),
                           {"no phase 2 belongs to this phase 1, so it carries nothing",
                            "add one, or remove this"});
}

/// Everything by which a responder can tell two phase 1 entries apart.
std::string responder_key(const Phase1Entry& entry) {
    const auto text_of = [](const auto& value) { return value ? value->to_text() : std::string(); };
    const std::string peer_id =
        entry.peer_id
            ? fmt::format("{}:{}", static_cast<unsigned>(entry.peer_id->type), entry.peer_id->text)
            : std::string();
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", entry.interface,
                       static_cast<unsigned>(entry.ip_version), text_of(entry.local_gateway),
                       static_cast<unsigned>(entry.type), text_of(entry.remote_gateway),
                       entry.remote_gateway_name, text_of(entry.remote_gateway_match), peer_id);
}

/// A warning, not an error: as initiators both work.
void check_telling_apart(const Settings& settings, Report& report) {
    std::map<std::string, const Phase1Entry*> first;
    for (const Phase1Entry& entry : settings.phase1s) {
        const bool is_whole = entry.is_sound("remote-gw") && entry.is_sound("remote-gw6") &&
                              entry.is_sound("interface") && entry.is_sound("peerid") &&
                              entry.is_sound("type") && entry.is_sound("peertype");
        if (!is_whole || entry.interface.empty()) continue;
        const auto [known, is_new] = first.emplace(responder_key(entry), &entry);
        if (is_new || known->second->key == entry.key) continue;
        report.warning(entry.place, in_quotes(entry.key),
                       {fmt::format("a peer that calls cannot be told from that of {}: same "
                                    "interface, addresses and peerid; the first by name answers",
                                    known->second->place.to_text()),
                        "give each a peertype one with a peerid of its own"});
    }
}

/// V11.
class MonitorCheck {
  public:
    MonitorCheck(const Settings& settings, Report& report) : report_(report) {
        for (const Phase1Entry& entry : settings.phase1s)
            if (entry.route_based) entries_.emplace(entry.key, &entry);
    }

    void run() {
        for (const auto& [name, entry] : entries_) {
            for (const std::string& monitored : entry->monitor)
                check(*entry, monitored);
            if (entry->monitor_minimum > entry->monitor.size())
                report_.warning(entry->at("monitor-min"), std::to_string(entry->monitor_minimum),
                                {fmt::format("monitor has {} names only", entry->monitor.size()),
                                 "that many are never down"});
        }
    }

  private:
    void check(const Phase1Entry& entry, const std::string& monitored) {
        if (!entries_.contains(monitored)) {
            std::vector<std::string_view> names;
            for (const auto& [name, other] : entries_)
                names.push_back(name);
            std::string remedy = did_you_mean(monitored, names);
            report_.error(entry.at("monitor"), in_quotes(monitored),
                          {"no entry of phase1-interface has this name",
                           remedy.empty() ? "add one" : std::move(remedy)});
        } else if (monitored == entry.key) {
            report_.error(entry.at("monitor"), in_quotes(monitored),
                          {"a tunnel cannot be its own backup", "remove it"});
        } else if (leads_to(monitored, entry.key)) {
            report_.error(entry.at("monitor"), in_quotes(monitored),
                          {"this tunnel is, directly or not, itself a backup of " + entry.key,
                           "break the circle"});
        }
    }

    bool leads_to(std::string_view from, std::string_view target) const {
        std::set<std::string_view> seen;
        std::vector<std::string_view> open{from};
        while (!open.empty()) {
            const std::string_view name = open.back();
            open.pop_back();
            if (name == target) return true;
            const auto entry = entries_.find(name);
            if (entry == entries_.end() || !seen.insert(name).second) continue;
            open.insert(open.end(), entry->second->monitor.begin(), entry->second->monitor.end());
        }
        return false;
    }

    Report& report_;
    std::map<std::string_view, const Phase1Entry*> entries_;
};

/// The kernel takes a policy once for each interface. Policy-based tunnels have no interface of
/// their own; those of dial-up peers get their selectors when the peer comes.
class PolicyCheck {
  public:
    PolicyCheck(const Settings& settings, Report& report) : report_(report) {
        for (const Phase1Entry& entry : settings.phase1s)
            if (entry.type == GatewayType::dynamic) dynamic_.insert(entry.key);
    }

    void check(const Phase2Entry& entry) {
        const bool alone = entry.route_based || dynamic_.contains(entry.phase1_name);
        const std::string scope = alone ? entry.phase1_name : std::string();
        const Selectors& selectors = entry.selectors;
        for (const IpRange& local : selectors.local) {
            for (const IpRange& remote : selectors.remote) {
                const std::string key =
                    fmt::format("{}\n{} {} {} {} {}", scope, local.to_text(), remote.to_text(),
                                selectors.protocol, selectors.local_port, selectors.remote_port);
                const auto [known, is_new] = first_.emplace(key, &entry);
                if (is_new || known->second->key == entry.key) continue;
                report_.error(
                    entry.place, in_quotes(entry.key),
                    {fmt::format("{} carries the same traffic, {} to {}",
                                 known->second->place.to_text(), local.to_text(), remote.to_text()),
                     "give them different selectors, or remove one"});
                return;
            }
        }
    }

  private:
    Report& report_;
    std::set<std::string_view> dynamic_;
    std::map<std::string, const Phase2Entry*> first_;
};

}  // namespace

void validate_together(const Settings& settings, Report& report) {
    check_phase2_names(settings, report);
    check_phase1s_without_phase2(settings, report);
    check_telling_apart(settings, report);
    MonitorCheck(settings, report).run();
    PolicyCheck policies(settings, report);
    for (const Phase2Entry& entry : settings.phase2s)
        policies.check(entry);
}

}  // namespace xfrmd::config
