// From documents to entries: every section by its table.
#pragma once

#include "config/node.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"

namespace xfrmd::config {

/// Reads the sections of one file into `settings`, which may hold those of other files already:
/// an entry may stand in one file only.
void read_sections(const Node& root, const std::string& file, Settings& settings, Report& report);

}  // namespace xfrmd::config
