// The table of "phase2-interface" and "phase2". Ranges and defaults are FortiOS's.
#include <array>

#include "config/sections.hpp"

namespace xfrmd::config {

namespace {
namespace phase2 {

constexpr std::array keylife_types{choice("seconds", KeylifeType::seconds),
                                   choice("kbs", KeylifeType::kbs),
                                   choice("both", KeylifeType::both)};

constexpr std::array encapsulations{choice("tunnel-mode", Encapsulation::tunnel),
                                    choice("transport-mode", Encapsulation::transport)};

constexpr std::array offloads{
    choice("phase1", OffloadChoice::phase1), choice("auto", OffloadChoice::automatic),
    choice("packet", OffloadChoice::packet), choice("crypto", OffloadChoice::crypto),
    choice("none", OffloadChoice::none)};

constexpr std::array address_types{
    choice("subnet", AddressType::subnet),   choice("range", AddressType::range),
    choice("ip", AddressType::ip),           choice("name", AddressType::name),
    choice("subnet6", AddressType::subnet6), choice("range6", AddressType::range6),
    choice("ip6", AddressType::ip6),         choice("name6", AddressType::name6)};

constexpr std::uint64_t max_u32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t max_u16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t max_u8 = std::numeric_limits<std::uint8_t>::max();

template <auto Member, auto Decided = Member>
constexpr Option<Phase2Entry> row(std::string_view name, Shape shape, Renews renews,
                                  std::string_view meaning) {
    return option<Phase2Entry, Member, Decided>(name, shape, renews, meaning);
}

// What the options of the selectors decide together.
const std::vector<IpRange>& local_ranges(const Phase2& phase2) {
    return phase2.selectors.local;
}
const std::vector<IpRange>& remote_ranges(const Phase2& phase2) {
    return phase2.selectors.remote;
}
std::uint8_t protocol(const Phase2& phase2) {
    return phase2.selectors.protocol;
}
std::uint16_t local_port(const Phase2& phase2) {
    return phase2.selectors.local_port;
}
std::uint16_t remote_port(const Phase2& phase2) {
    return phase2.selectors.remote_port;
}

/// A row bound to a field of one side's selectors.
template <auto Side, auto Member>
constexpr Option<Phase2Entry> side(std::string_view name, Shape shape, Renews renews,
                                   std::string_view meaning) {
    constexpr auto ranges = Side == &Phase2Entry::source ? local_ranges : remote_ranges;
    return {{.name = name, .shape = shape, .renews = renews, .meaning = meaning},
            [](const Shape& form, const Node& node, Phase2Entry& entry) {
                return read_value(form, node, entry.*Side.*Member);
            },
            [](const Shape& form, const Phase2Entry& entry) {
                return write_value(form, entry.*Side.*Member);
            },
            sameness<Phase2, ranges>()};
}

using P = Phase2Entry;
using enum Renews;
using S = SelectorFields;
constexpr auto v4 = IpFamily::v4;
constexpr auto v6 = IpFamily::v6;
constexpr auto src = &Phase2Entry::source;
constexpr auto dst = &Phase2Entry::destination;

constexpr std::array rows{
    row<&P::phase1_name, decides_nothing>("phase1name", text(35), tunnel,
                                          "The phase 1 that this belongs to.")
        .or_else_write("write \"phase1name\": NAME"),
    row<&P::proposals>("proposal", shape(Form::esp_proposals), child_sas,
                       "The algorithms of ESP, the preferred ones first.")
        .or_else_write("write \"proposal\": [\"aes128gcm\", \"aes256-sha256\"]"),
    row<&P::pfs>("pfs", boolean(), child_sas, "A key exchange of its own at each rekey."),
    row<&P::key_exchanges>("dhgrp", shape(Form::groups), child_sas,
                           "The Diffie-Hellman groups of that key exchange.")
        .mild_when("pfs", "true"),
    row<&P::replay>("replay", boolean(), child_sas, "Refuse packets that come twice."),
    row<&P::auto_negotiate>("auto-negotiate", boolean(), nothing,
                            "Set up at once, without traffic, and again after each loss. Implies "
                            "keepalive."),
    row<&P::keepalive>("keepalive", boolean(), nothing, "Rekey also without traffic."),
    row<&P::keylife_type>("keylife-type", one_of(keylife_types), child_sas,
                          "Which of the two limits count."),
    row<&P::keylife>("keylifeseconds", number(120, 172800), child_sas, "Lifetime in seconds.")
        .mild_when("keylife-type", "seconds", "both"),
    row<&P::keylife_kilobytes>("keylifekbs", number(5120, max_u32), child_sas,
                               "Lifetime in kilobytes of 1024 octets.")
        .mild_when("keylife-type", "kbs", "both"),
    row<&P::encapsulation>("encapsulation", one_of(encapsulations), tunnel, "The mode of ESP."),
    side<src, &S::type>("src-addr-type", one_of(address_types), tunnel,
                        "How our side's addresses are given."),
    side<src, &S::subnet>("src-subnet", subnet(v4), tunnel, "Our subnet.")
        .when("src-addr-type", "subnet"),
    side<src, &S::start>("src-start-ip", address(v4), tunnel, "Our first, or only, address.")
        .when("src-addr-type", "range", "ip"),
    side<src, &S::end>("src-end-ip", address(v4), tunnel, "Our last address.")
        .when("src-addr-type", "range"),
    side<src, &S::name>("src-name", text(79), tunnel, "Our entry of address or addrgrp.")
        .when("src-addr-type", "name")
        .stands_for_more(),
    side<src, &S::subnet6>("src-subnet6", subnet(v6), tunnel, "Our subnet.")
        .when("src-addr-type", "subnet6"),
    side<src, &S::start6>("src-start-ip6", address(v6), tunnel, "Our first, or only, address.")
        .when("src-addr-type", "range6", "ip6"),
    side<src, &S::end6>("src-end-ip6", address(v6), tunnel, "Our last address.")
        .when("src-addr-type", "range6"),
    side<src, &S::name6>("src-name6", text(79), tunnel,
                         "Our entry of address or addrgrp, for IPv6.")
        .when("src-addr-type", "name6")
        .stands_for_more(),
    row<&P::source_port, local_port>("src-port", number(0, max_u16), tunnel, "Our port; 0 is all."),
    side<dst, &S::type>("dst-addr-type", one_of(address_types), tunnel,
                        "How the peer's side's addresses are given."),
    side<dst, &S::subnet>("dst-subnet", subnet(v4), tunnel, "The peer's subnet.")
        .when("dst-addr-type", "subnet"),
    side<dst, &S::start>("dst-start-ip", address(v4), tunnel, "The peer's first, or only, address.")
        .when("dst-addr-type", "range", "ip"),
    side<dst, &S::end>("dst-end-ip", address(v4), tunnel, "The peer's last address.")
        .when("dst-addr-type", "range"),
    side<dst, &S::name>("dst-name", text(79), tunnel, "The peer's entry of address or addrgrp.")
        .when("dst-addr-type", "name")
        .stands_for_more(),
    side<dst, &S::subnet6>("dst-subnet6", subnet(v6), tunnel, "The peer's subnet.")
        .when("dst-addr-type", "subnet6"),
    side<dst, &S::start6>("dst-start-ip6", address(v6), tunnel,
                          "The peer's first, or only, address.")
        .when("dst-addr-type", "range6", "ip6"),
    side<dst, &S::end6>("dst-end-ip6", address(v6), tunnel, "The peer's last address.")
        .when("dst-addr-type", "range6"),
    side<dst, &S::name6>("dst-name6", text(79), tunnel,
                         "The peer's entry of address or addrgrp, for IPv6.")
        .when("dst-addr-type", "name6")
        .stands_for_more(),
    row<&P::destination_port, remote_port>("dst-port", number(0, max_u16), tunnel,
                                           "The peer's port; 0 is all."),
    row<&P::selector_protocol, protocol>("protocol", number(0, max_u8), tunnel,
                                         "The IP protocol; 0 is all."),
    row<&P::initiator_ts_narrow>("initiator-ts-narrow", boolean(), nothing,
                                 "Propose only the selectors that a packet needs."),
    row<&P::offload_choice, &P::offload>("offload", one_of(offloads), child_sas,
                                         "As the phase 1's, or otherwise (xfrmd's own option)."),
    row<&P::comments>("comments", text(255), nothing, "Free text."),
};

}  // namespace phase2
}  // namespace

std::span<const Option<Phase2Entry>> phase2_options() {
    return phase2::rows;
}

}  // namespace xfrmd::config
