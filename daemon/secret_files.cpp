#include "daemon/secret_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>

#include "daemon/whole_file.hpp"

namespace xfrmd::daemon {
namespace {

/// Far above any key or certificate, far below what a slip of the pen can point to.
constexpr std::size_t largest_secret = 64 << 10;

std::expected<Secret, std::string> without_newline(WholeFile file) {
    ByteView octets = file.octets.view();
    if (!octets.empty() && octets.back() == '\n') octets = octets.first(octets.size() - 1);
    if (octets.empty()) return std::unexpected("the file is empty");
    return Secret(octets);
}

}  // namespace

SecretFiles SecretFiles::of_process(Credentials credentials) {
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (!directory) return SecretFiles(std::nullopt, credentials);
    return SecretFiles(std::filesystem::path(directory), credentials);
}

std::expected<Secret, std::string> SecretFiles::read_file(const std::string& path) {
    auto file = read_whole_file(path, largest_secret);
    if (!file) return std::unexpected(std::move(file).error());
    if (file->mode & S_IROTH)
        warnings_.push_back(
            fmt::format("{}: warning: everybody can read this secret; chmod o= it", path));
    return without_newline(*std::move(file));
}

std::expected<Secret, std::string> SecretFiles::read_credential(const std::string& name) {
    if (name.empty() || name.starts_with('.') || name.find('/') != std::string::npos)
        return std::unexpected("not the name of a credential");
    if (!directory_ && credentials_ == Credentials::assumed)
        return Secret(as_bytes("a credential of the service"));
    if (!directory_) return std::unexpected("this process was started without credentials");
    auto file = read_whole_file(*directory_ / name, largest_secret);
    if (!file) return std::unexpected(std::move(file).error());
    return without_newline(*std::move(file));
}

}  // namespace xfrmd::daemon
