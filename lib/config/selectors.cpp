#include "config/selectors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace xfrmd::config {

namespace {

using Ranges = std::vector<IpRange>;

/// TCP, UDP, DCCP, SCTP, UDP-Lite: what has ports where the kernel looks for them.
constexpr std::array<std::uint8_t, 5> protocols_with_ports{6, 17, 33, 132, 136};

bool is_version_6(AddressType type) {
    return type >= AddressType::subnet6;
}

/// One side of a phase 2 with the names of its options.
class Side {
  public:
    Side(const Phase2Entry& entry, const SelectorFields& fields, std::string_view prefix,
         Report& report)
        : entry_(entry), fields_(fields), prefix_(prefix), report_(report) {}

    std::optional<Ranges> resolve(const AddressBook& book) {
        if (!is_sound()) return std::nullopt;
        switch (fields_.type) {
            case AddressType::subnet: return subnet(fields_.subnet, IpFamily::v4);
            case AddressType::subnet6: return subnet(fields_.subnet6, IpFamily::v6);
            case AddressType::ip: return ip(fields_.start, "start-ip");
            case AddressType::ip6: return ip(fields_.start6, "start-ip6");
            case AddressType::range: return range(fields_.start, fields_.end, "");
            case AddressType::range6: return range(fields_.start6, fields_.end6, "6");
            case AddressType::name: return named(book, fields_.name, "name");
            case AddressType::name6: return named(book, fields_.name6, "name6");
        }
        return std::nullopt;
    }

    IpFamily family() const { return is_version_6(fields_.type) ? IpFamily::v6 : IpFamily::v4; }
    std::string option(std::string_view suffix) const {
        return fmt::format("{}-{}", prefix_, suffix);
    }
    Place at(std::string_view suffix) const { return entry_.at(option(suffix)); }

  private:
    bool is_sound() const {
        return std::ranges::none_of(entry_.refused, [&](std::string_view name) {
            return name.starts_with(prefix_) && !name.ends_with("-port");
        });
    }

    static std::optional<Ranges> subnet(const std::optional<Subnet>& subnet, IpFamily family) {
        return Ranges{subnet.value_or(Subnet::any(family)).range()};
    }

    std::optional<Ranges> ip(const std::optional<IpAddress>& address, std::string_view suffix) {
        if (!address) return missing(suffix);
        return Ranges{{*address, *address}};
    }

    /// 0.0.0.0 is a fair start of a range; only the end must be more than that.
    std::optional<Ranges> range(const std::optional<IpAddress>& start,
                                const std::optional<IpAddress>& end, std::string_view version) {
        const std::string start_suffix = fmt::format("start-ip{}", version);
        const std::string end_suffix = fmt::format("end-ip{}", version);
        if (!entry_.has(option(start_suffix))) return missing(start_suffix);
        if (!end) return missing(end_suffix);
        const IpAddress first = start.value_or(IpAddress::any(end->family()));
        if (*end < first) {
            report_.error(at(end_suffix), in_quotes(end->to_text()),
                          {fmt::format("lies before {} {}", option(start_suffix), first.to_text()),
                           "give the lower address first"});
            return std::nullopt;
        }
        return Ranges{{first, *end}};
    }

    std::optional<Ranges> named(const AddressBook& book, const std::string& name,
                                std::string_view suffix) {
        if (name.empty()) return missing(suffix);
        const Ranges* ranges = book.find(name);
        if (ranges == nullptr) {
            std::string remedy = did_you_mean(name, book.names());
            report_.error(at(suffix), in_quotes(name),
                          {"no entry of address or addrgrp has this name",
                           remedy.empty() ? "add one" : std::move(remedy)});
            return std::nullopt;
        }
        if (ranges->empty()) return std::nullopt;  // the entry is wrong and reported
        const auto other = std::ranges::find_if(
            *ranges, [&](const IpRange& range) { return range.family() != family(); });
        if (other != ranges->end()) {
            const bool v6 = other->family() == IpFamily::v6;
            report_.error(
                at(suffix), in_quotes(name),
                {fmt::format("it holds {}, an {} address", other->to_text(), v6 ? "IPv6" : "IPv4"),
                 fmt::format("use {} \"{}\" and {}, with one family in a group",
                             option("addr-type"), v6 ? "name6" : "name",
                             option(v6 ? "name6" : "name"))});
            return std::nullopt;
        }
        if (ranges->size() > max_ranges_of_side) {
            report_.error(at(suffix), in_quotes(name),
                          {fmt::format("it holds {} ranges, more than {}", ranges->size(),
                                       max_ranges_of_side),
                           "join ranges or make several phase 2 entries"});
            return std::nullopt;
        }
        return *ranges;
    }

    std::nullopt_t missing(std::string_view suffix) {
        if (entry_.has(option(suffix)))
            report_.error(at(suffix), {}, {"the address is empty", "write one"});
        else
            report_.error(at("addr-type"), {},
                          {fmt::format("\"{}\" is missing, which this {} needs", option(suffix),
                                       option("addr-type")),
                           fmt::format("add {}", option(suffix))});
        return std::nullopt;
    }

    const Phase2Entry& entry_;
    const SelectorFields& fields_;
    std::string_view prefix_;
    Report& report_;
};

std::size_t count_subnets(const Ranges& ranges) {
    std::size_t count = 0;
    for (const IpRange& range : ranges)
        count += range.to_subnets().size();
    return count;
}

bool check_ports(const Phase2Entry& entry, Report& report) {
    if (!entry.is_sound("protocol")) return false;
    const bool has_ports = std::ranges::find(protocols_with_ports, entry.selector_protocol) !=
                           protocols_with_ports.end();
    if (has_ports) return true;
    bool good = true;
    const auto check = [&](std::string_view option, std::uint16_t port) {
        if (port == 0) return;
        report.error(entry.at(option), std::to_string(port),
                     {fmt::format("a port needs a protocol with ports, and protocol is {}",
                                  entry.selector_protocol),
                      "set protocol to 6 (TCP) or 17 (UDP), or the port to 0"});
        good = false;
    };
    check("src-port", entry.source_port);
    check("dst-port", entry.destination_port);
    return good;
}

bool check_counts(const Phase2Entry& entry, const Ranges& local, const Ranges& remote,
                  Report& report) {
    const std::size_t pairs = local.size() * remote.size();
    const std::size_t policies = count_subnets(local) * count_subnets(remote);
    if (pairs <= max_selector_pairs && policies <= max_policy_pairs) return true;
    report.error(
        entry.place, {},
        {fmt::format("{} pairs of addresses and {} of subnets; at most {} and {} are taken", pairs,
                     policies, max_selector_pairs, max_policy_pairs),
         "join ranges, align them to subnets, or make several phase 2 entries"});
    return false;
}

}  // namespace

std::optional<Selectors> resolve_selectors(const Phase2Entry& entry, const AddressBook& book,
                                           Report& report) {
    Side source(entry, entry.source, "src", report);
    Side destination(entry, entry.destination, "dst", report);
    auto local = source.resolve(book);
    auto remote = destination.resolve(book);
    const bool ports_good = check_ports(entry, report);
    if (!local || !remote || !ports_good) return std::nullopt;
    if (source.family() != destination.family()) {
        report.error(destination.at("addr-type"), {},
                     {fmt::format("src is {} and dst is {}",
                                  source.family() == IpFamily::v4 ? "IPv4" : "IPv6",
                                  destination.family() == IpFamily::v4 ? "IPv4" : "IPv6"),
                      "give both src-addr-type and dst-addr-type of one family"});
        return std::nullopt;
    }
    if (!check_counts(entry, *local, *remote, report)) return std::nullopt;
    return Selectors{.local = *std::move(local),
                     .remote = *std::move(remote),
                     .protocol = entry.selector_protocol,
                     .local_port = entry.source_port,
                     .remote_port = entry.destination_port};
}

}  // namespace xfrmd::config
