#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/address_book.hpp"
#include "config/parse_json.hpp"
#include "config/read_sections.hpp"
#include "config/sections.hpp"
#include "config/settings.hpp"
#include "config/validate.hpp"

namespace xfrmd::config {

namespace {

using Phase1Index = std::map<std::string, Phase1Entry*, std::less<>>;

/// Validates each phase 1 and finds it by name; both sections share the names.
Phase1Index validate_phase1s(Settings& settings, SecretReader& secrets, Report& report) {
    Phase1Index index;
    for (Phase1Entry& entry : settings.phase1s) {
        validate_phase1(entry, secrets, report);
        const auto [known, is_new] = index.emplace(entry.key, &entry);
        if (!is_new)
            report.error(entry.place, in_quotes(entry.key),
                         {fmt::format("{} has this name already", known->second->place.to_text()),
                          "rename one of them"});
    }
    return index;
}

/// V8: the phase 1 exists, and in the section that belongs to this one.
const Phase1Entry* find_parent(const Phase2Entry& entry, const Phase1Index& index, Report& report) {
    if (!entry.has("phase1name") || !entry.is_sound("phase1name")) return nullptr;
    const std::string_view section_of_parent =
        entry.route_based ? section_name::phase1_interface : section_name::phase1;
    const auto found = index.find(entry.phase1_name);
    if (found == index.end()) {
        std::vector<std::string_view> names;
        for (const auto& [name, phase1] : index)
            names.push_back(name);
        std::string remedy = did_you_mean(entry.phase1_name, names);
        if (remedy.empty()) remedy = fmt::format("add it to {}", section_of_parent);
        report.error(entry.at("phase1name"), in_quotes(entry.phase1_name),
                     {fmt::format("no entry of {} has this name", section_of_parent), remedy});
        return nullptr;
    }
    if (found->second->route_based == entry.route_based) return found->second;
    report.error(entry.at("phase1name"), in_quotes(entry.phase1_name),
                 {fmt::format("that is {}", found->second->place.to_text()),
                  fmt::format("move this entry to {}", found->second->route_based
                                                           ? section_name::phase2_interface
                                                           : section_name::phase2)});
    return nullptr;
}

std::shared_ptr<const Config> build(const Settings& settings) {
    std::map<std::string, std::shared_ptr<Phase1>, std::less<>> by_name;
    for (const Phase1Entry& entry : settings.phase1s)
        by_name.emplace(entry.key, std::make_shared<Phase1>(static_cast<const Phase1&>(entry)));
    for (const Phase2Entry& entry : settings.phase2s)
        by_name.find(entry.phase1_name)->second->phase2s.push_back(entry);
    auto config = std::make_shared<Config>();
    for (auto& [name, phase1] : by_name)
        config->phase1s.push_back(std::move(phase1));
    config->daemon = settings.daemon;
    return config;
}

void read_file(const SourceFile& file, Settings& settings, Report& report) {
    auto document = parse_json(file, report);
    if (!document) return;
    read_sections(*document, file.name, settings, report);
    document->wipe_texts();
}

}  // namespace

Loaded load(std::span<const SourceFile> files, SecretReader& secrets) {
    Report report;
    auto settings = std::make_shared<Settings>();
    for (const SourceFile& file : files)
        read_file(file, *settings, report);

    const AddressBook book(*settings, report);
    const Phase1Index phase1s = validate_phase1s(*settings, secrets, report);
    for (Phase2Entry& entry : settings->phase2s)
        validate_phase2(entry, find_parent(entry, phase1s, report), book, report);
    validate_together(*settings, report);

    Loaded loaded;
    if (!report.has_errors()) loaded.config = build(*settings);
    std::vector<std::string> names;
    for (const SourceFile& file : files)
        names.push_back(file.name);
    loaded.problems = std::move(report).take(names);
    loaded.settings = std::move(settings);
    return loaded;
}

}  // namespace xfrmd::config
