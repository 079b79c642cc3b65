// A file read in one go into memory that is wiped.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>

#include "base/secret.hpp"

namespace xfrmd::daemon {

struct WholeFile {
    Secret octets;
    mode_t mode = 0;  ///< the permission bits
};

/// Takes regular files of at most `limit` octets. The error is a phrase without the path:
/// "No such file or directory".
std::expected<WholeFile, std::string> read_whole_file(const std::filesystem::path& path,
                                                      std::size_t limit);

}  // namespace xfrmd::daemon
