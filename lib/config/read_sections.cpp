#include "config/read_sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "config/sections.hpp"

namespace xfrmd::config {

namespace {

/// Names that Linux's sysctl or iproute2 give a meaning of their own.
constexpr std::array reserved_device_names{std::string_view("lo"), std::string_view("all"),
                                           std::string_view("default"), std::string_view("."),
                                           std::string_view("..")};

/// Editors link a file to its schema with this key.
constexpr std::string_view schema_key = "$schema";

/// A value under a name of this kind is never printed, whether we know the option or not.
bool may_be_secret(std::string_view option) {
    for (const std::string_view word : {"secret", "psk", "passw", "key"})
        if (option.contains(word)) return true;
    return false;
}

std::string shown(const Node& value) {
    switch (value.kind) {
        case Node::Kind::list: return "a list";
        case Node::Kind::object: return "an object";
        case Node::Kind::text: return in_quotes(value.text);
        default: return value.to_text();
    }
}

/// The problem of a name that a section's entry must not have, or nothing.
std::optional<Complaint> complaint_of_name(const Section& in, std::string_view name) {
    if (name.empty()) return Complaint{"an entry needs a name", "write one"};
    if (name.size() > in.max_name_octets)
        return Complaint{fmt::format("the name is longer than {} octets", in.max_name_octets),
                         "shorten it"};
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
    if (std::ranges::any_of(name, is_control))
        return Complaint{"the name has a control character in it", "remove it"};
    if (in.name != section_name::phase1_interface) return std::nullopt;
    const auto is_wrong = [](char c) { return c == '/' || c == ':' || c <= ' ' || c > '~'; };
    if (std::ranges::any_of(name, is_wrong))
        return Complaint{
            "this becomes the name of a network device, which is ASCII without "
            "blanks, \"/\" and \":\"",
            "choose another name"};
    if (std::ranges::find(reserved_device_names, name) != reserved_device_names.end())
        return Complaint{"Linux gives this name of a network device a meaning of its own",
                         "choose another name"};
    return std::nullopt;
}

/// Reports an option that is not in the table: FortiOS's, or nobody's.
void report_missing_option(const Section& in, const Member& member, const Place& place,
                           std::span<const std::string_view> names, Report& report) {
    const auto foreign = std::ranges::find(in.foreign, member.key, &ForeignOption::name);
    if (foreign == in.foreign.end()) {
        std::string remedy = did_you_mean(member.key, names);
        if (remedy.empty()) remedy = fmt::format("see the section {} in xfrmd.json(5)", in.name);
        report.error(place, in_quotes(member.key), {"no option of this name", std::move(remedy)});
        return;
    }
    const std::string value = member.value.to_text();
    for (const std::string_view harmless : foreign->harmless)
        if (!harmless.empty() && (harmless == "*" || harmless == value)) return;
    const std::string remedy = foreign->harmless[0].empty()
                                   ? std::string("remove it")
                                   : fmt::format("remove it or write {}", foreign->harmless[0]);
    report.error(
        place, may_be_secret(member.key) ? "***" : shown(member.value),
        {fmt::format("FortiOS has {}, xfrmd does not: {}", member.key, foreign->reason), remedy});
}

template <class Entry>
class EntryReader {
  public:
    EntryReader(const Section& in, std::span<const Option<Entry>> options, Report& report)
        : in_(in), options_(options), report_(report) {
        for (const Option<Entry>& row : options)
            names_.push_back(row.name);
    }

    void read(const Node& node, Entry& entry) {
        for (const Member& member : node.members)
            read_option(member, entry);
        for (const Option<Entry>& row : options_) {
            check_required(row, entry);
            check_condition(row, entry);
        }
    }

  private:
    void read_option(const Member& member, Entry& entry) {
        const Place place = entry.place.below(member.key, member.line);
        const auto row = std::ranges::find(options_, member.key, &OptionInfo::name);
        const bool is_here = row != options_.end();
        if (is_here && in_.name == section_name::phase1 && is_for_route_based_only(row->name)) {
            report_.error(place, in_quotes(member.key),
                          {"only phase1-interface has this option", "remove it"});
            return;
        }
        if (!is_here) return report_missing_option(in_, member, place, names_, report_);
        entry.lines.emplace(row->name, member.line);
        const ReadResult result = row->read(row->shape, member.value, entry);
        if (result) return;
        entry.refused.insert(row->name);
        for (const ReadError& error : result.error())
            report_value(*row, member, place, error);
    }

    void report_value(const OptionInfo& row, const Member& member, const Place& place,
                      const ReadError& error) {
        const bool of_item = error.item && *error.item < member.value.items.size();
        const Node& value = of_item ? member.value.items[*error.item] : member.value;
        const Place at = of_item ? place.below(std::to_string(*error.item), value.line) : place;
        const bool secret = row.shape.form == Form::secret;
        report_.error(at, secret ? "***" : shown(value), error.complaint);
    }

    void check_required(const OptionInfo& row, const Entry& entry) {
        if (row.required.empty() || entry.has(row.name)) return;
        report_.error(entry.place, {},
                      {fmt::format("\"{}\" is missing", row.name), std::string(row.required)});
    }

    /// An option that is set although another one takes its meaning away. Its default is no
    /// mistake: --show-full of another entry may have been copied.
    void check_condition(const Option<Entry>& row, const Entry& entry) {
        const Condition& condition = row.condition;
        if (condition.option.empty() || !entry.has(row.name)) return;
        if (!entry.is_sound(row.name) || !entry.is_sound(condition.option)) return;
        const auto other = std::ranges::find(options_, condition.option, &OptionInfo::name);
        const std::string in_effect = bare_text(other->write(other->shape, entry));
        if (std::ranges::find(condition.values, in_effect) != condition.values.end()) return;
        const std::string value = row.write(row.shape, entry).to_text();
        if (value == row.write(row.shape, Entry()).to_text()) return;
        const std::string wanted =
            condition.values[1].empty()
                ? std::string(condition.values[0])
                : fmt::format("{} or {}", condition.values[0], condition.values[1]);
        Complaint complaint{fmt::format("{} has no meaning while {} is {}", row.name,
                                        entry.has(other->name) ? entry.at(other->name).to_text()
                                                               : std::string(other->name),
                                        in_effect),
                            fmt::format("remove it, or set {} to {}", other->name, wanted)};
        if (condition.severity == Problem::Severity::error)
            report_.error(entry.at(row.name), value, std::move(complaint));
        else
            report_.warning(entry.at(row.name), value, std::move(complaint));
    }

    const Section& in_;
    std::span<const Option<Entry>> options_;
    Report& report_;
    std::vector<std::string_view> names_;
};

/// Reads the sections of one file.
class SectionReader {
  public:
    SectionReader(Place root, Settings& settings, Report& report)
        : root_(std::move(root)), settings_(settings), report_(report) {}

    void read(const Member& member) {
        const std::string_view name = member.key;
        if (name == section_name::daemon) return read_daemon(member);
        if (name == section_name::address)
            return read_entries(member, address_options(), settings_.addresses, AddressEntry());
        if (name == section_name::addrgrp)
            return read_entries(member, group_options(), settings_.groups, GroupEntry());
        if (name == section_name::phase1_interface || name == section_name::phase1)
            return read_entries(member, phase1_options(), settings_.phase1s,
                                Phase1Entry(name == section_name::phase1_interface));
        if (name == section_name::phase2_interface || name == section_name::phase2) {
            Phase2Entry fresh;
            fresh.route_based = name == section_name::phase2_interface;
            return read_entries(member, phase2_options(), settings_.phase2s, fresh);
        }
        if (name != schema_key) report_unknown(member);
    }

  private:
    Place place_of(const Member& member) const { return root_.below(member.key, member.line); }

    bool check_object(const Node& node, const Place& place) {
        if (node.is(Node::Kind::object)) return true;
        const char* kind = node.is(Node::Kind::text) ? "a text" : "something else";
        report_.error(place, {}, {fmt::format("not an object but {}", kind), "write {...}"});
        return false;
    }

    void read_daemon(const Member& member) {
        DaemonEntry& daemon = settings_.daemon;
        const Place place = place_of(member);
        if (!check_object(member.value, place)) return;
        if (!daemon.place.file.empty())
            report_.error(place, {},
                          {fmt::format("the section stands in {} already", daemon.place.to_text()),
                           "keep it in one file"});
        daemon.place = place;
        EntryReader<DaemonEntry> reader(section(section_name::daemon), daemon_options(), report_);
        reader.read(member.value, daemon);
    }

    template <class Entry>
    void read_entries(const Member& in, std::span<const Option<Entry>> options,
                      std::vector<Entry>& entries, const Entry& fresh) {
        const Place place = place_of(in);
        if (!check_object(in.value, place)) return;
        const Section& which = section(in.key);
        EntryReader<Entry> reader(which, options, report_);
        for (const Member& member : in.value.members) {
            Entry entry = fresh;
            entry.key = member.key;
            entry.place = place.below(member.key, member.line);
            if (auto complaint = complaint_of_name(which, member.key))
                report_.error(entry.place, in_quotes(member.key), *std::move(complaint));
            if (!check_object(member.value, entry.place)) continue;
            reader.read(member.value, entry);
            entries.push_back(std::move(entry));
        }
    }

    void report_unknown(const Member& member) {
        const std::string_view name = member.key;
        if (name == "address6" || name == "addrgrp6") {
            report_.error(
                place_of(member), in_quotes(name),
                {fmt::format("FortiOS has {}, xfrmd does not: {} takes IPv6 too", name,
                             name.substr(0, name.size() - 1)),
                 fmt::format("move its entries to \"{}\"", name.substr(0, name.size() - 1))});
            return;
        }
        std::vector<std::string_view> names;
        for (const Section& known : sections())
            names.push_back(known.name);
        std::string remedy = did_you_mean(name, names);
        if (remedy.empty()) remedy = fmt::format("sections are {}", fmt::join(names, ", "));
        report_.error(place_of(member), in_quotes(name), {"no section of this name", remedy});
    }

    Place root_;
    Settings& settings_;
    Report& report_;
};

}  // namespace

void read_sections(const Node& root, const std::string& file, Settings& settings, Report& report) {
    const Place place{file, root.line, {}};
    if (!root.is(Node::Kind::object)) {
        report.error(place, {}, {"the file is not an object", "write {...}"});
        return;
    }
    SectionReader reader(place, settings, report);
    for (const Member& section_member : root.members)
        reader.read(section_member);
}

}  // namespace xfrmd::config
