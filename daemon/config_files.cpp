#include "daemon/config_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/bytes.hpp"
#include "daemon/whole_file.hpp"

namespace xfrmd::daemon {
namespace {

namespace fs = std::filesystem;

/// 10,000 tunnels take about 10 MB.
constexpr std::size_t largest_file = 64 << 20;

bool is_configuration(const fs::path& path) {
    const std::string name = path.filename();
    return name.ends_with(".json") && !name.starts_with(".");
}

}  // namespace

ConfigTexts::~ConfigTexts() {
    for (config::SourceFile& file : files_)
        wipe({reinterpret_cast<std::uint8_t*>(file.text.data()), file.text.size()});
}

void ConfigTexts::read(const fs::path& path) {
    const auto whole = read_whole_file(path, largest_file);
    if (!whole) return fail(fmt::format("{}: {}", path.native(), whole.error()));
    files_.push_back({.name = path.native(), .text = std::string(as_text(whole->octets.view()))});
}

ConfigTexts read_files(std::span<const fs::path> paths) {
    ConfigTexts texts;
    for (const fs::path& path : paths)
        texts.read(path);
    return texts;
}

ConfigTexts read_configuration(const fs::path& main) {
    ConfigTexts texts;
    texts.read(main);
    const fs::path directory = main.parent_path() / "conf.d";
    std::error_code error;
    std::vector<fs::path> found;
    fs::directory_iterator entry(directory, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error))
        if (is_configuration(entry->path())) found.push_back(entry->path());
    if (error && error != std::errc::no_such_file_or_directory)
        texts.fail(fmt::format("{}: {}", directory.native(), error.message()));
    std::ranges::sort(found);
    for (const fs::path& path : found)
        texts.read(path);
    return texts;
}

}  // namespace xfrmd::daemon
