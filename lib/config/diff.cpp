#include "config/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include "config/entry_of.hpp"
#include "config/sections.hpp"

namespace xfrmd::config {

namespace {

/// What a line of a log shows of a value: a list of proposals, but not a thousand names.
constexpr std::size_t max_shown = 160;

Impact impact_of(Renews renews) {
    switch (renews) {
        case Renews::nothing: return Impact::none;
        case Renews::child_sas: return Impact::rekey;
        case Renews::tunnel: return Impact::restart;
    }
    return Impact::restart;
}

template <class Entry>
std::string shown_value(const Option<Entry>& row, std::span<const Option<Entry>> options,
                        const Entry& entry) {
    if (!applies(row, options, entry)) return {};
    const Node value = row.write(row.shape, entry);
    if (value.is(Node::Kind::null)) return {};
    std::string text = value.to_text();
    if (text.size() > max_shown) text.replace(max_shown, std::string::npos, "...");
    return text;
}

/// What a reload has to renew because of an option that differs.
template <class Entry>
Renews renewed_by(const Option<Entry>& row, const Entry& after) {
    const bool is_free =
        row.turned_off_for_nothing && bare_text(row.write(row.shape, after)) == "false";
    return is_free ? Renews::nothing : row.renews;
}

/// Calls `visit(row, entry before, entry after)` for each option that has another effect.
template <class Entry, class Visit>
void for_each_change(std::span<const Option<Entry>> options, const typename Entry::Model& before,
                     const typename Entry::Model& after, Visit visit) {
    std::optional<std::pair<Entry, Entry>> entries;  // costly, and seldom needed
    for (const Option<Entry>& row : options) {
        if (row.same(before, after)) continue;
        if (!entries) entries.emplace(entry_of(before), entry_of(after));
        const auto& [old_entry, new_entry] = *entries;
        if (applies(row, options, old_entry) || applies(row, options, new_entry))
            visit(row, old_entry, new_entry);
    }
}

template <class Entry>
std::optional<Renews> renewal_of(std::span<const Option<Entry>> options,
                                 const typename Entry::Model& before,
                                 const typename Entry::Model& after) {
    std::optional<Renews> most;
    for_each_change(options, before, after,
                    [&](const Option<Entry>& row, const Entry&, const Entry& new_entry) {
                        const Renews renews = renewed_by(row, new_entry);
                        most = std::max(most.value_or(renews), renews);
                    });
    return most;
}

template <class Entry>
std::vector<OptionChange> changes_of(std::span<const Option<Entry>> options,
                                     const typename Entry::Model& before,
                                     const typename Entry::Model& after) {
    std::vector<OptionChange> changes;
    for_each_change(options, before, after,
                    [&](const Option<Entry>& row, const Entry& old_entry, const Entry& new_entry) {
                        OptionChange change{std::string(row.name),
                                            shown_value(row, options, old_entry),
                                            shown_value(row, options, new_entry),
                                            impact_of(renewed_by(row, new_entry))};
                        // Several options make one value; it is the others that changed.
                        if (change.before == change.after && !row.indirect) return;
                        if (change.before.empty() && change.after.empty()) return;
                        changes.push_back(std::move(change));
                    });
    return changes;
}

Impact worst_of(const std::vector<OptionChange>& options) {
    Impact worst = Impact::none;
    for (const OptionChange& change : options)
        worst = std::max(worst, change.impact);
    return worst;
}

void add_changed(std::string phase1, std::string phase2, std::vector<OptionChange> options,
                 std::vector<Change>& changes) {
    if (options.empty()) return;
    const Impact impact = worst_of(options);
    changes.push_back(
        {Change::Kind::changed, std::move(phase1), std::move(phase2), impact, std::move(options)});
}

using Phase2sByName = std::map<std::string_view, const Phase2*>;

Phase2sByName by_name(const Phase1& phase1) {
    Phase2sByName named;
    for (const Phase2& phase2 : phase1.phase2s)
        named.emplace(phase2.name, &phase2);
    return named;
}

/// A phase 1 that is there in one of the two only, with all of its phase 2s.
void add_whole(Change::Kind kind, const Phase1& phase1, std::vector<Change>& changes) {
    const Impact impact = kind == Change::Kind::removed ? Impact::restart : Impact::none;
    changes.push_back({kind, phase1.name, {}, impact});
    for (const Phase2& phase2 : phase1.phase2s)
        changes.push_back({kind, phase1.name, phase2.name, impact});
}

void add_phase2s(const Phase1& running, const Phase1& loaded, std::vector<Change>& changes) {
    const Phase2sByName before = by_name(running);
    const Phase2sByName after = by_name(loaded);
    for (const Phase2& phase2 : running.phase2s)
        if (!after.contains(phase2.name))
            changes.push_back({Change::Kind::removed, running.name, phase2.name, Impact::restart});
    for (const Phase2& phase2 : loaded.phase2s) {
        if (const auto old = before.find(phase2.name); old != before.end())
            add_changed(loaded.name, phase2.name,
                        changes_of(phase2_options(), *old->second, phase2), changes);
        else
            changes.push_back({Change::Kind::added, loaded.name, phase2.name, Impact::none});
    }
}

std::string subject(const Change& change) {
    if (change.phase1.empty()) return "daemon";
    if (change.phase2.empty()) return "phase 1 " + change.phase1;
    return fmt::format("phase 2 {} of {}", change.phase2, change.phase1);
}

}  // namespace

const char* to_text(Impact impact) {
    constexpr std::array names{"none", "rekey", "restart"};
    return names[std::to_underlying(impact)];
}

std::string OptionChange::to_text() const {
    constexpr std::string_view secret = "\"***\"";
    if (before == secret || after == secret) return option + " changed";
    if (before == after) return fmt::format("{} {} stands for other addresses", option, after);
    const auto or_none = [](const std::string& value) {
        return value.empty() ? std::string_view("none") : std::string_view(value);
    };
    return fmt::format("{} {} -> {}", option, or_none(before), or_none(after));
}

std::string Change::to_text() const {
    switch (kind) {
        case Kind::added: return subject(*this) + " is added";
        case Kind::removed: return subject(*this) + " is removed";
        case Kind::changed: break;
    }
    std::string text = fmt::format("{} is changed ({})", subject(*this), config::to_text(impact));
    for (std::size_t i = 0; i < options.size(); ++i)
        text += (i == 0 ? ": " : ", ") + options[i].to_text();
    return text;
}

std::string Difference::summary() const {
    std::array<std::size_t, 3> kinds{};
    std::array<std::size_t, 3> impacts{};
    for (const Change& change : changes) {
        ++kinds[std::to_underlying(change.kind)];
        if (change.kind == Change::Kind::changed) ++impacts[std::to_underlying(change.impact)];
    }
    if (changes.empty()) return "nothing has changed";
    std::string text;
    const auto add = [&text](std::size_t count, std::string_view what) {
        if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
    };
    for (const auto impact : {Impact::restart, Impact::rekey, Impact::none})
        add(impacts[std::to_underlying(impact)], to_text(impact));
    std::string details = std::exchange(text, {});
    add(kinds[std::to_underlying(Change::Kind::added)], "added");
    add(kinds[std::to_underlying(Change::Kind::removed)], "removed");
    add(kinds[std::to_underlying(Change::Kind::changed)], "changed");
    return details.empty() ? text : fmt::format("{} ({})", text, details);
}

std::vector<Phase1Pair> pair_up(const Config& running, const Config& loaded) {
    // An entry that moves between "phase1-interface" and "phase1" is another one.
    std::map<std::pair<std::string_view, bool>, Phase1Pair> pairs;
    for (const auto& phase1 : running.phase1s)
        pairs[{phase1->name, phase1->route_based}].running = phase1;
    for (const auto& phase1 : loaded.phase1s)
        pairs[{phase1->name, phase1->route_based}].loaded = phase1;
    std::vector<Phase1Pair> sorted;
    sorted.reserve(pairs.size());
    for (auto& [key, pair] : pairs)
        sorted.push_back(std::move(pair));
    return sorted;
}

Difference diff(const Config& running, const Config& loaded) {
    Difference difference;
    std::vector<Change>& changes = difference.changes;
    add_changed({}, {}, changes_of(daemon_options(), running.daemon, loaded.daemon), changes);
    for (const auto& [before, after] : pair_up(running, loaded)) {
        if (before && !after) add_whole(Change::Kind::removed, *before, changes);
        if (!before && after) add_whole(Change::Kind::added, *after, changes);
        if (!before || !after) continue;
        add_changed(after->name, {}, changes_of(phase1_options(), *before, *after), changes);
        add_phase2s(*before, *after, changes);
    }
    return difference;
}

std::optional<Renews> renewal(const Phase1& running, const Phase1& loaded) {
    return renewal_of(phase1_options(), running, loaded);
}

std::optional<Renews> renewal(const Phase2& running, const Phase2& loaded) {
    return renewal_of(phase2_options(), running, loaded);
}

}  // namespace xfrmd::config
