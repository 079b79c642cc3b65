// The files that make up a configuration.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "config/source.hpp"

namespace xfrmd::daemon {

/// Texts can hold secrets: they are wiped when this goes.
class ConfigTexts {
  public:
    ConfigTexts() = default;
    ~ConfigTexts();
    ConfigTexts(ConfigTexts&&) = default;
    ConfigTexts& operator=(ConfigTexts&&) = delete;

    std::span<const config::SourceFile> files() const { return files_; }
    /// What could not be read, one line each; the files are of no use then.
    const std::vector<std::string>& errors() const { return errors_; }

    void read(const std::filesystem::path& path);
    void fail(std::string error) { errors_.push_back(std::move(error)); }

  private:
    std::vector<config::SourceFile> files_;
    std::vector<std::string> errors_;
};

/// The files in the order given.
ConfigTexts read_files(std::span<const std::filesystem::path> paths);

/// `main`, then conf.d/*.json beside it in the order of their names; hidden files are left out.
ConfigTexts read_configuration(const std::filesystem::path& main);

}  // namespace xfrmd::daemon
