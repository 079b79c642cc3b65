// What must be true of gateways whatever happened to them, told as text where it is not.
#pragma once

#include <string>
#include <vector>

#include "support/world.hpp"

namespace xfrmd::test {

/// One line for each thing that is not as it must be; empty: all is well.
using Violations = std::vector<std::string>;

/// One text of them, a line each.
std::string to_text(const Violations& violations);

// ---- At every step ----

/// Where one gateway has the outbound and another the inbound half of an SPI, keys and selectors
/// are the same. Each engine's Child SAs are its kernel's SAs that bear our numbers, and all that
/// the engine counts is bounded by what it holds. Says nothing of gateways that are not running,
/// nor of the tables of one whose kernel has requests to answer.
Violations check_always(const World& world);

/// The tables of one gateway alone, whatever another one has.
Violations check_tables(const Gateway& gateway);

// ---- After quiet: no datagram on its way, no exchange in progress ----

/// No negotiation is left over, nothing is reserved or asked for and forgotten.
Violations check_quiet(const World& world);

/// Two gateways share exactly one IKE SA, and each phase 2 of it has exactly one Child SA.
Violations check_converged(const Gateway& a, const Gateway& b);

/// Packets of each policy-based phase 2 never leave unprotected. Only of its first selectors' first
/// addresses: what a policy takes it takes as a whole.
Violations check_nothing_in_clear(const Gateway& gateway);

// ---- After CommandStop ----

/// The engine has stopped: no Child SA is left, and nothing of ours in the kernel. IKE SAs may
/// still wait for answers to their DELETEs.
Violations check_stopped(const Gateway& gateway);

/// Once those are answered or given up: the engine holds nothing at all.
Violations check_empty(const Gateway& gateway);

}  // namespace xfrmd::test
