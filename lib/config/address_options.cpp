// The tables of "address" and "addrgrp".
#include <array>

#include "config/sections.hpp"

namespace xfrmd::config {

namespace {

constexpr std::string_view no_fixed_address =
    "a selector needs addresses that are known when the configuration is loaded";

constexpr std::array address_forms{choice("ipmask", AddressForm::ipmask),
                                   choice("iprange", AddressForm::iprange),
                                   refused_choice("fqdn", no_fixed_address),
                                   refused_choice("geography", no_fixed_address),
                                   refused_choice("wildcard", no_fixed_address),
                                   refused_choice("dynamic", no_fixed_address),
                                   refused_choice("interface-subnet", no_fixed_address),
                                   refused_choice("mac", no_fixed_address),
                                   refused_choice("route-tag", no_fixed_address)};

using A = AddressEntry;
using G = GroupEntry;

// What an entry stands for counts where a phase 2 names it.
using enum Renews;

constexpr std::array address_rows{
    option<A, &A::form>("type", one_of(address_forms), nothing, "How the addresses are given."),
    option<A, &A::subnet>("subnet", any_subnet(), nothing, "A subnet of IPv4 or IPv6.")
        .when("type", "ipmask"),
    option<A, &A::start>("start-ip", any_address(), nothing, "The first address of a range.")
        .when("type", "iprange"),
    option<A, &A::end>("end-ip", any_address(), nothing, "The last address of a range.")
        .when("type", "iprange"),
    option<A, &A::comment>("comment", text(255), nothing, "Free text."),
};

constexpr std::array group_rows{
    option<G, &G::members>("member", shape(Form::names), nothing, "Entries of address or addrgrp.")
        .or_else_write("write \"member\": [NAME, ...]"),
    option<G, &G::comment>("comment", text(255), nothing, "Free text."),
};

constexpr std::string_view decoration = "an attribute of FortiOS's own interface";

constexpr std::array address_foreign_rows{
    ForeignOption{"allow-routing", {"*"}, decoration},
    ForeignOption{"associated-interface", {"*"}, decoration},
    ForeignOption{"color", {"*"}, decoration},
    ForeignOption{"fabric-object", {"*"}, decoration},
    ForeignOption{"uuid", {"*"}, decoration},
    ForeignOption{"ip6", {}, "xfrmd writes IPv6 into \"subnet\" too"},
    ForeignOption{"fqdn", {"\"\""}, no_fixed_address},
    ForeignOption{"country", {"\"\""}, no_fixed_address},
    ForeignOption{"interface", {"\"\""}, no_fixed_address},
    ForeignOption{"wildcard", {}, no_fixed_address},
    ForeignOption{"macaddr", {}, no_fixed_address},
};

constexpr std::string_view no_exclusion =
    "a selector is a list of ranges; write the ranges that are left";

constexpr std::array group_foreign_rows{
    ForeignOption{"allow-routing", {"*"}, decoration},
    ForeignOption{"color", {"*"}, decoration},
    ForeignOption{"fabric-object", {"*"}, decoration},
    ForeignOption{"uuid", {"*"}, decoration},
    ForeignOption{"exclude", {"false"}, no_exclusion},
    ForeignOption{"exclude-member", {"[]"}, no_exclusion},
};

}  // namespace

std::span<const Option<AddressEntry>> address_options() {
    return address_rows;
}

std::span<const Option<GroupEntry>> group_options() {
    return group_rows;
}

std::span<const ForeignOption> address_foreign() {
    return address_foreign_rows;
}

std::span<const ForeignOption> group_foreign() {
    return group_foreign_rows;
}

}  // namespace xfrmd::config
