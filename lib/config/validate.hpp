// What no single option can know: rules between options and between entries, and the values that
// follow from several of them.

#pragma once

#include "config/address_book.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"
#include "config/source.hpp"

namespace xfrmd::config {

/// Fills what follows in the entry's Phase1 (gateways, identities, keys, effective values).
void validate_phase1(Phase1Entry& entry, SecretReader& secrets, Report& report);

/// Fills the entry's Phase2; `parent` is null if it has none.
void validate_phase2(Phase2Entry& entry, const Phase1Entry* parent, const AddressBook& book,
                     Report& report);

/// Rules between the entries, after all of them have been validated by themselves.
void validate_together(const Settings& settings, Report& report);

}  // namespace xfrmd::config
