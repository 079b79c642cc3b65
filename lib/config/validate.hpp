// What no single option can know: rules between options and between entries, and the values that
// follow from several of them. The rules, by the numbers that code and tests call them:
//   V1  passive-mode excludes auto-negotiate of a phase 2    V2  and keepalive of a phase 2
//   V3  and auto-negotiate of the phase 1 where it is set (its default gives way)
//   V4  type dynamic excludes auto-negotiate and keepalive of a phase 2    V5  and passive-mode
//   V6  each type says in its own way where the peer is      V7  peertype one needs a peerid
//   V8  names exist, in the right section; both sides of a phase 2 are of one family
//   V9  idle-timeout excludes what keeps a tunnel up; a phase 2 should not outlive its phase 1
//   V11 monitor names other entries that exist, in no circle
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
