// From files to a configuration, or to the lines that say what is wrong.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "daemon/config_files.hpp"
#include "daemon/secret_files.hpp"

namespace xfrmd::daemon {

struct Configuration {
    /// Absent if there is an error; nothing of it may be applied then.
    std::shared_ptr<const config::Config> config;
    /// Absent if a file could not be read.
    std::shared_ptr<const config::Settings> settings;
    std::vector<std::string> errors;  ///< all of them, one line each
    std::vector<std::string> warnings;
};

/// Reads the secrets too.
Configuration load_configuration(const ConfigTexts& texts, Credentials credentials);

}  // namespace xfrmd::daemon
