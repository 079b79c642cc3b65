// Keys of IKE SAs in the format of Wireshark's table "ikev2_decryption_table": only on an explicit
// wish, because whoever reads the file reads the traffic.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "daemon/exit_code.hpp"
#include "daemon/file_descriptor.hpp"
#include "ike/input_output.hpp"

namespace xfrmd::daemon {

/// One line with its newline: SPIi,SPIr,SK_ei,SK_er,"cipher",SK_ai,SK_ar,"integrity", with the
/// names that Wireshark 4.0 knows. A suite that it cannot decrypt becomes a comment without keys.
std::string key_log_line(const ike::KeyLog& keys);

class KeyLogFile {
  public:
    /// Appends. Refuses a file that anybody but its owner, who we are, can open.
    static std::expected<KeyLogFile, Failure> open(const std::filesystem::path& path);

    /// False if the file system refused it.
    bool write(const ike::KeyLog& keys);

  private:
    explicit KeyLogFile(FileDescriptor file) : file_(std::move(file)) {}
    FileDescriptor file_;
};

}  // namespace xfrmd::daemon
