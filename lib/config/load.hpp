// Loading: from files to a configuration that can be applied, or to everything wrong with them.
//
// parse_json makes documents with lines, read_sections fills entries by the tables of options,
// address_book and selectors resolve names, validate_* check what no single option can know.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "config/problem.hpp"
#include "config/source.hpp"

namespace xfrmd::config {

struct Settings;

struct Loaded {
    std::shared_ptr<const Config> config;      ///< absent if a problem is an error
    std::shared_ptr<const Settings> settings;  ///< what the files say, for show_full; always there
    std::vector<Problem> problems;             ///< errors and warnings of all files, in their order
};

/// Reads all files as one configuration; entries of a section may be spread over them.
Loaded load(std::span<const SourceFile> files, SecretReader& secrets);

/// All sections as JSON with every default, secrets as "***". A file of this form loads again, but
/// for the secrets.
std::string show_full(const Settings& settings);

/// The JSON Schema (draft 2020-12) of a file, for editors.
std::string json_schema();

}  // namespace xfrmd::config
