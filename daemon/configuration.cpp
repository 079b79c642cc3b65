#include "daemon/configuration.hpp"

#include <algorithm>
#include <iterator>

namespace xfrmd::daemon {

Configuration load_configuration(const ConfigTexts& texts, Credentials credentials) {
    Configuration result;
    result.errors = texts.errors();
    if (!result.errors.empty()) return result;
    SecretFiles secrets = SecretFiles::of_process(credentials);
    config::Loaded loaded = config::load(texts.files(), secrets);
    for (const config::Problem& problem : loaded.problems) {
        const bool is_error = problem.severity == config::Problem::Severity::error;
        (is_error ? result.errors : result.warnings).push_back(problem.to_text());
    }
    std::ranges::copy(secrets.warnings(), std::back_inserter(result.warnings));
    if (result.errors.empty()) result.config = std::move(loaded.config);
    result.settings = std::move(loaded.settings);
    return result;
}

}  // namespace xfrmd::daemon
