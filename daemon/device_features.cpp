#include "daemon/device_features.hpp"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace xfrmd::daemon {
namespace {

constexpr std::size_t words_per_block = sizeof(ethtool_get_features_block) / sizeof(std::uint32_t);
constexpr std::size_t active_word = offsetof(ethtool_get_features_block, active) / 4;
/// Kernels have two blocks; this many are read.
constexpr std::size_t most_blocks = 8;
/// Kernels have some sixty names of features.
constexpr std::uint32_t most_names = 1024;

/// `struct ethtool_sset_info` for one set
struct NameCount {
    std::uint32_t command = ETHTOOL_GSSET_INFO;
    std::uint32_t reserved = 0;
    std::uint64_t sets = 1U << ETH_SS_FEATURES;
    std::uint32_t count = 0;
};
static_assert(offsetof(NameCount, count) == sizeof(ethtool_sset_info));

/// `struct ethtool_gfeatures` with its blocks
struct FeatureBlocks {
    std::uint32_t command = ETHTOOL_GFEATURES;
    std::uint32_t blocks = most_blocks;
    std::array<std::uint32_t, most_blocks * words_per_block> words{};
};
static_assert(offsetof(FeatureBlocks, words) == sizeof(ethtool_gfeatures));

/// The kernel reads the question where it writes the answer.
bool ask(const FileDescriptor& socket, const std::string& device, void* question) {
    ifreq request{};
    if (device.size() >= sizeof request.ifr_name) return false;
    std::ranges::copy(device, request.ifr_name);
    request.ifr_data = static_cast<char*>(question);
    return ioctl(socket.number(), SIOCETHTOOL, &request) == 0;
}

}  // namespace

std::optional<std::size_t> feature_place(std::string_view names, std::string_view wanted) {
    for (std::size_t place = 0; (place + 1) * ETH_GSTRING_LEN <= names.size(); ++place) {
        const auto padded = names.substr(place * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
        if (padded.substr(0, padded.find('\0')) == wanted) return place;
    }
    return std::nullopt;
}

bool feature_is_active(std::span<const std::uint32_t> blocks, std::size_t place) {
    const std::size_t word = place / 32 * words_per_block + active_word;
    return word < blocks.size() && (blocks[word] >> (place % 32) & 1) != 0;
}

DeviceFeatures::DeviceFeatures() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

std::string DeviceFeatures::read_names(const std::string& device) const {
    NameCount counted;
    if (!ask(socket_, device, &counted) || counted.count > most_names) return {};
    const ethtool_gstrings question{
        .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = counted.count};
    std::string answer(sizeof question + std::size_t{counted.count} * ETH_GSTRING_LEN, '\0');
    std::memcpy(answer.data(), &question, sizeof question);
    if (!ask(socket_, device, answer.data())) return {};
    return answer.substr(sizeof question);
}

bool DeviceFeatures::has(const std::string& device, std::string_view feature) {
    if (names_.empty()) names_ = read_names(device);
    const auto place = feature_place(names_, feature);
    FeatureBlocks features;
    if (!place || !ask(socket_, device, &features)) return false;
    const std::size_t blocks = std::min<std::size_t>(features.blocks, most_blocks);
    return feature_is_active(std::span(features.words).first(blocks * words_per_block), *place);
}

std::string DeviceFeatures::driver(const std::string& device) const {
    ethtool_drvinfo info{};
    info.cmd = ETHTOOL_GDRVINFO;
    if (!ask(socket_, device, &info)) return {};
    return {info.driver, strnlen(info.driver, sizeof info.driver)};
}

}  // namespace xfrmd::daemon
