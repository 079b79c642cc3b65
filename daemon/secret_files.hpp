// Reads the secrets that a configuration names: files and systemd's credentials.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/source.hpp"

namespace xfrmd::daemon {

/// What a process that is not the service makes of credentials, which only the service has.
enum class Credentials : std::uint8_t { required, assumed };

/// The octets of a file without the newline that an editor leaves at its end.
class SecretFiles final : public config::SecretReader {
  public:
    /// `directory`: what $CREDENTIALS_DIRECTORY says (systemd.exec(5)). Where it is absent and
    /// credentials are `assumed`, any of them reads as a placeholder.
    SecretFiles(std::optional<std::filesystem::path> directory, Credentials credentials)
        : directory_(std::move(directory)), credentials_(credentials) {}
    /// With the directory that systemd has made for this process, if any.
    static SecretFiles of_process(Credentials credentials);

    std::expected<Secret, std::string> read_file(const std::string& path) override;
    std::expected<Secret, std::string> read_credential(const std::string& name) override;

    /// About secrets that were read but are not well kept; one line each.
    const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    std::optional<std::filesystem::path> directory_;
    Credentials credentials_;
    std::vector<std::string> warnings_;
};

}  // namespace xfrmd::daemon
