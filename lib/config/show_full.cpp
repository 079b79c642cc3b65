#include "config/load.hpp"
#include "config/sections.hpp"

namespace xfrmd::config {

namespace {

template <class Entry>
Node write_entry(std::span<const Option<Entry>> options, const Entry& entry, bool policy_based) {
    Node node = Node::object();
    for (const Option<Entry>& row : options) {
        if (policy_based && is_for_route_based_only(row.name)) continue;
        if (!applies(row, options, entry)) continue;
        Node value = row.write(row.shape, entry);
        if (!value.is(Node::Kind::null)) node.add(row.name, std::move(value));
    }
    return node;
}

/// Adds a section with those entries that belong to it, if there are any.
template <class Entry, class Belongs>
void add_section(Node& root, std::string_view name, std::span<const Option<Entry>> options,
                 const std::vector<Entry>& entries, Belongs belongs) {
    Node node = Node::object();
    const bool policy_based = name == section_name::phase1;
    for (const Entry& entry : entries)
        if (belongs(entry)) node.add(entry.key, write_entry(options, entry, policy_based));
    if (!node.members.empty()) root.add(name, std::move(node));
}

}  // namespace

std::string show_full(const Settings& settings) {
    const auto all = [](const auto&) { return true; };
    const auto route_based = [](const auto& entry) { return entry.route_based; };
    const auto policy_based = [](const auto& entry) { return !entry.route_based; };
    Node root = Node::object();
    root.add(section_name::daemon, write_entry(daemon_options(), settings.daemon, false));
    add_section(root, section_name::address, address_options(), settings.addresses, all);
    add_section(root, section_name::addrgrp, group_options(), settings.groups, all);
    add_section(root, section_name::phase1_interface, phase1_options(), settings.phase1s,
                route_based);
    add_section(root, section_name::phase2_interface, phase2_options(), settings.phase2s,
                route_based);
    add_section(root, section_name::phase1, phase1_options(), settings.phase1s, policy_based);
    add_section(root, section_name::phase2, phase2_options(), settings.phase2s, policy_based);
    return root.to_pretty_text();
}

}  // namespace xfrmd::config
