#include "daemon/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstring>

#include "daemon/file_descriptor.hpp"

namespace xfrmd::daemon {

std::expected<WholeFile, std::string> read_whole_file(const std::filesystem::path& path,
                                                      std::size_t limit) {
    // Without O_NONBLOCK a pipe in place of the file would hold the daemon up.
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status{};
    if (!file.is_open() || fstat(file.number(), &status) != 0)
        return std::unexpected(strerrordesc_np(errno));
    if (!S_ISREG(status.st_mode)) return std::unexpected("not a regular file");
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > limit) return std::unexpected(fmt::format("larger than {} octets", limit));

    WholeFile whole{.octets = Secret(size), .mode = status.st_mode & 07777};
    MutableByteView rest = whole.octets.writable();
    while (!rest.empty()) {
        const ssize_t count = read(file.number(), rest.data(), rest.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(strerrordesc_np(errno));
        if (count == 0) return std::unexpected("it became shorter while it was read");
        rest = rest.subspan(static_cast<std::size_t>(count));
    }
    return whole;
}

}  // namespace xfrmd::daemon
