#include "config/sections.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace xfrmd::config {

namespace {

// FortiOS's limits. A route-based phase 1 is a network device, whose name has 15 octets.
constexpr std::size_t max_device_name = 15;
constexpr std::size_t max_phase_name = 35;
constexpr std::size_t max_address_name = 79;

}  // namespace

std::span<const Section> sections() {
    static const std::array all{
        Section{section_name::daemon, "What is xfrmd's own.", 0, daemon_foreign()},
        Section{section_name::address, "Named addresses.", max_address_name, address_foreign()},
        Section{section_name::addrgrp, "Named groups of addresses.", max_address_name,
                group_foreign()},
        Section{section_name::phase1_interface,
                "Route-based peers: each has an XFRM interface of its name.", max_device_name,
                phase1_foreign()},
        Section{section_name::phase2_interface, "Child SAs of route-based peers.", max_phase_name,
                phase2_foreign()},
        Section{section_name::phase1, "Policy-based peers.", max_phase_name, phase1_foreign()},
        Section{section_name::phase2, "Child SAs of policy-based peers.", max_phase_name,
                phase2_foreign()},
    };
    return all;
}

const Section& section(std::string_view name) {
    const auto found = std::ranges::find(sections(), name, &Section::name);
    XFRMD_ASSERT(found != sections().end());
    return *found;
}

}  // namespace xfrmd::config
