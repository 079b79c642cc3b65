// JSON text to a document with lines.
#pragma once

#include <optional>

#include "config/node.hpp"
#include "config/problem.hpp"
#include "config/source.hpp"

namespace xfrmd::config {

/// Tens of thousands of tunnels fit; a file of this size is a mistake.
inline constexpr std::size_t max_file_octets = 64U << 20;
/// The format needs six levels (root, section, entry, option, list); everything deeper is not ours.
inline constexpr std::size_t max_depth = 16;

/// Reads JSON with comments (// and /* */). A key that stands twice in one object is reported and
/// the document still returned; an error of syntax is reported with line and column and nothing
/// returned.
std::optional<Node> parse_json(const SourceFile& file, Report& report);

}  // namespace xfrmd::config
