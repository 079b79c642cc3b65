// What a configuration is loaded from: texts that somebody has read, and a way to read secrets.
#pragma once

#include <expected>
#include <string>

#include "base/secret.hpp"

namespace xfrmd::config {

/// One configuration file. The text may hold secrets: who reads files wipes it after loading.
struct SourceFile {
    std::string name;  ///< as messages print it
    std::string text;
};

/// Reads the secrets that a configuration only names. The error is a phrase such as
/// "No such file or directory"; it never holds a part of the secret.
class SecretReader {
  public:
    virtual ~SecretReader() = default;
    virtual std::expected<Secret, std::string> read_file(const std::string& path) = 0;
    /// A file of this name in systemd's credentials directory.
    virtual std::expected<Secret, std::string> read_credential(const std::string& name) = 0;
};

}  // namespace xfrmd::config
