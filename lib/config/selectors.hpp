// A phase 2's "src-..." and "dst-..." options become the selectors of its Child SA.
#pragma once

#include <optional>

#include "config/address_book.hpp"
#include "config/model.hpp"
#include "config/settings.hpp"

namespace xfrmd::config {

/// A traffic selector payload counts its selectors in one octet (RFC 7296 section 3.13).
inline constexpr std::size_t max_ranges_of_side = 255;
/// Every pair of a local and a remote range is a selector of its own in the kernel.
inline constexpr std::size_t max_selector_pairs = 256;
/// A range that is no subnet takes several policies; all of a Child SA go in one send.
inline constexpr std::size_t max_policy_pairs = 256;

/// Resolves names and checks what the fields say together. Reports what is wrong and returns
/// nothing then.
std::optional<Selectors> resolve_selectors(const Phase2Entry& entry, const AddressBook& book,
                                           Report& report);

}  // namespace xfrmd::config
