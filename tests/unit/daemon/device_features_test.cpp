#include "daemon/device_features.hpp"

#include <linux/ethtool.h>

#include <array>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace xfrmd::daemon;

namespace {

std::string padded(const std::vector<std::string>& names) {
    std::string octets;
    for (const std::string& name : names)
        octets += name + std::string(ETH_GSTRING_LEN - name.size(), '\0');
    return octets;
}

}  // namespace

TEST_CASE("device features: a name's place in the kernel's list") {
    const std::string names =
        padded({"tx-checksum-ipv4", "", "esp-hw-offload-not", "esp-hw-offload"});
    CHECK(feature_place(names, "tx-checksum-ipv4") == 0);
    CHECK(feature_place(names, "esp-hw-offload") == 3);
    CHECK(feature_place(names, "esp") == std::nullopt);
    CHECK(feature_place(names.substr(0, names.size() - 1), "esp-hw-offload") == std::nullopt);
    CHECK(feature_place({}, "esp-hw-offload") == std::nullopt);
}

TEST_CASE("device features: a name without a final zero ends with its field") {
    const std::string longest(ETH_GSTRING_LEN, 'x');
    CHECK(feature_place(longest + padded({"y"}), longest) == 0);
    CHECK(feature_place(longest + padded({"y"}), "y") == 1);
}

TEST_CASE("device features: what is active counts, not what is available or was asked for") {
    // available, requested, active, never changed; twice
    const std::array<std::uint32_t, 8> blocks{0xffffffff, 0xffffffff, 0x00000004, 0xffffffff,
                                              0xffffffff, 0xffffffff, 0x80000000, 0xffffffff};
    CHECK(feature_is_active(blocks, 2));
    CHECK_FALSE(feature_is_active(blocks, 3));
    CHECK_FALSE(feature_is_active(blocks, 34));
    CHECK(feature_is_active(blocks, 63));
    CHECK_FALSE(feature_is_active(blocks, 64));
    CHECK_FALSE(feature_is_active({}, 0));
}

TEST_CASE("device features: what the kernel says of lo, and of devices that cannot be") {
    DeviceFeatures features;
    CHECK(features.has("lo", "loopback"));
    CHECK_FALSE(features.has("lo", "no-such-feature"));
    CHECK_FALSE(features.offers_esp_offload("lo"));
    CHECK_FALSE(features.offers_esp_offload("no-such-device"));
    CHECK_FALSE(features.offers_esp_offload("a name longer than any device's"));
    CHECK_FALSE(features.offers_esp_offload(""));
    CHECK(features.driver("no-such-device").empty());
}
