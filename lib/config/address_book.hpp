// The sections "address" and "addrgrp": from names to ranges.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"

namespace xfrmd::config {

/// Ascending, without overlaps. Ranges that only touch stay apart: a peer may list them so.
std::vector<IpRange> without_overlaps(std::vector<IpRange> ranges);

/// All named addresses, groups already flattened. Refers to nothing.
class AddressBook {
  public:
    /// Groups within groups; more is a cycle or a riddle.
    static constexpr unsigned max_group_depth = 32;
    /// Ranges of one group after flattening.
    static constexpr std::size_t max_group_ranges = 4096;

    /// Checks every entry, used or not, and reports what is wrong.
    AddressBook(const Settings& settings, Report& report);

    /// The ranges of a name; null if there is none. Empty if the entry is itself wrong.
    const std::vector<IpRange>* find(std::string_view name) const;
    std::vector<std::string_view> names() const;

  private:
    class Flattening;

    std::map<std::string, std::vector<IpRange>, std::less<>> ranges_;
};

}  // namespace xfrmd::config
