#include "config/address_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace xfrmd::config {

namespace {

std::optional<IpRange> range_of(const AddressEntry& entry, Report& report) {
    if (!entry.is_sound("type") || !entry.is_sound("subnet") || !entry.is_sound("start-ip") ||
        !entry.is_sound("end-ip"))
        return std::nullopt;
    if (entry.form == AddressForm::ipmask) {
        if (entry.subnet) return entry.subnet->range();
        if (!entry.has("start-ip") && !entry.has("end-ip"))
            report.error(entry.place, {},
                         {"\"subnet\" is missing", "write \"subnet\": \"10.1.0.0/24\""});
        return std::nullopt;
    }
    if (!entry.start || !entry.end) {
        report.error(entry.place, {},
                     {fmt::format("\"{}\" is missing", entry.start ? "end-ip" : "start-ip"),
                      "a range has a start-ip and an end-ip"});
        return std::nullopt;
    }
    if (entry.start->family() != entry.end->family() || *entry.end < *entry.start) {
        report.error(entry.at("end-ip"), in_quotes(entry.end->to_text()),
                     {fmt::format("not behind start-ip {}", entry.start->to_text()),
                      "give the lower address first, both of one family"});
        return std::nullopt;
    }
    return IpRange{*entry.start, *entry.end};
}

}  // namespace

std::vector<IpRange> without_overlaps(std::vector<IpRange> ranges) {
    std::ranges::sort(ranges);
    std::vector<IpRange> merged;
    for (const IpRange& range : ranges) {
        const bool overlaps = !merged.empty() && merged.back().family() == range.family() &&
                              range.first <= merged.back().last;
        if (overlaps)
            merged.back().last = std::max(merged.back().last, range.last);
        else
            merged.push_back(range);
    }
    return merged;
}

/// Walks the groups depth first; each is flattened once.
class AddressBook::Flattening {
  public:
    Flattening(AddressBook& book, const Settings& settings, Report& report)
        : ranges_(book.ranges_), report_(report) {
        for (const GroupEntry& group : settings.groups) {
            const bool is_new =
                !ranges_.contains(group.key) && groups_.emplace(group.key, &group).second;
            if (!is_new)
                report_.error(
                    group.place, in_quotes(group.key),
                    {"an entry of address or addrgrp has this name already", "rename one of them"});
        }
    }

    void run() {
        for (const auto& [name, group] : groups_)
            flatten(*group, 0);
    }

  private:
    void flatten(const GroupEntry& group, unsigned depth) {
        if (ranges_.contains(group.key)) return;
        open_.insert(group.key);
        std::vector<IpRange> all;
        for (const std::string& member : group.members) {
            const auto inner = groups_.find(member);
            if (inner != groups_.end() && !enter(group, *inner->second, depth)) continue;
            const auto ranges = ranges_.find(member);
            if (ranges == ranges_.end()) {
                report_unknown(group, member);
                continue;
            }
            all.insert(all.end(), ranges->second.begin(), ranges->second.end());
            if (all.size() > max_group_ranges) break;
        }
        open_.erase(group.key);
        all = without_overlaps(std::move(all));
        if (all.size() > max_group_ranges) {
            report_.error(group.place, {},
                          {fmt::format("the group has more than {} ranges", max_group_ranges),
                           "join neighbouring ranges"});
            all.clear();
        }
        ranges_.emplace(group.key, std::move(all));
    }

    /// Flattens a member that is a group; false if that cannot be.
    bool enter(const GroupEntry& group, const GroupEntry& inner, unsigned depth) {
        if (open_.contains(inner.key)) {
            report_.error(group.at("member"), in_quotes(inner.key),
                          {"the group contains itself through this member", "remove it"});
            return false;
        }
        if (depth == max_group_depth) {
            report_.error(group.at("member"), in_quotes(inner.key),
                          {fmt::format("groups are nested deeper than {} levels", max_group_depth),
                           "name the addresses themselves"});
            return false;
        }
        flatten(inner, depth + 1);
        return true;
    }

    void report_unknown(const GroupEntry& group, std::string_view member) {
        std::vector<std::string_view> names;
        for (const auto& [name, ranges] : ranges_)
            names.push_back(name);
        for (const auto& [name, inner] : groups_)
            names.push_back(name);
        std::string remedy = did_you_mean(member, names);
        report_.error(group.at("member"), in_quotes(member),
                      {"no entry of address or addrgrp has this name",
                       remedy.empty() ? "add one" : std::move(remedy)});
    }

    std::map<std::string, std::vector<IpRange>, std::less<>>& ranges_;
    Report& report_;
    std::map<std::string_view, const GroupEntry*> groups_;
    std::set<std::string_view> open_;  ///< on the way from the outermost group
};

AddressBook::AddressBook(const Settings& settings, Report& report) {
    for (const AddressEntry& entry : settings.addresses) {
        const auto range = range_of(entry, report);
        std::vector<IpRange> ranges;
        if (range) ranges.push_back(*range);
        if (!ranges_.emplace(entry.key, std::move(ranges)).second)
            report.error(entry.place, in_quotes(entry.key),
                         {"another file has an address of this name", "rename one of them"});
    }
    Flattening(*this, settings, report).run();
}

const std::vector<IpRange>* AddressBook::find(std::string_view name) const {
    const auto found = ranges_.find(name);
    return found == ranges_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> AddressBook::names() const {
    std::vector<std::string_view> all;
    for (const auto& [name, ranges] : ranges_)
        all.push_back(name);
    return all;
}

}  // namespace xfrmd::config
