// The sections of the file and their tables.
#pragma once

#include <span>
#include <string_view>

#include "config/option.hpp"
#include "config/settings.hpp"

namespace xfrmd::config {

/// What a section is called and what FortiOS has in it that we have not.
struct Section {
    std::string_view name;
    std::string_view meaning;
    std::size_t max_name_octets;  ///< of its entries; 0: the section is itself one entry
    std::span<const ForeignOption> foreign = {};
};

namespace section_name {
inline constexpr std::string_view daemon = "daemon";
inline constexpr std::string_view address = "address";
inline constexpr std::string_view addrgrp = "addrgrp";
inline constexpr std::string_view phase1_interface = "phase1-interface";
inline constexpr std::string_view phase2_interface = "phase2-interface";
inline constexpr std::string_view phase1 = "phase1";
inline constexpr std::string_view phase2 = "phase2";
}  // namespace section_name

/// All sections, in the order of the manual.
std::span<const Section> sections();
const Section& section(std::string_view name);

std::span<const Option<DaemonEntry>> daemon_options();
std::span<const Option<AddressEntry>> address_options();
std::span<const Option<GroupEntry>> group_options();
/// Of "phase1-interface" and "phase1".
std::span<const Option<Phase1Entry>> phase1_options();
/// Of "phase2-interface" and "phase2".
std::span<const Option<Phase2Entry>> phase2_options();

/// True for the options of "phase1-interface" that "phase1" lacks.
bool is_for_route_based_only(std::string_view phase1_option);

std::span<const ForeignOption> daemon_foreign();
std::span<const ForeignOption> address_foreign();
std::span<const ForeignOption> group_foreign();
std::span<const ForeignOption> phase1_foreign();
std::span<const ForeignOption> phase2_foreign();

/// Calls `visit(section, options, fresh entry)` for each section, in the order of the manual.
template <class Visit>
void for_each_section(Visit visit) {
    visit(section(section_name::daemon), daemon_options(), DaemonEntry());
    visit(section(section_name::address), address_options(), AddressEntry());
    visit(section(section_name::addrgrp), group_options(), GroupEntry());
    visit(section(section_name::phase1_interface), phase1_options(), Phase1Entry(true));
    visit(section(section_name::phase2_interface), phase2_options(), Phase2Entry());
    visit(section(section_name::phase1), phase1_options(), Phase1Entry(false));
    visit(section(section_name::phase2), phase2_options(), Phase2Entry());
}

}  // namespace xfrmd::config
