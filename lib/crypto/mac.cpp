#include "crypto/mac.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/secret.hpp"

namespace xfrmd::crypto {

// EVP_MAC_init takes a null key for "the key as before".
bool set_mac_key(EVP_MAC_CTX& context, ByteView key) {
    static constexpr std::uint8_t no_octets[1] = {0};
    return EVP_MAC_init(&context, key.empty() ? no_octets : key.data(), key.size(), nullptr) == 1;
}

Mac::Mac(EVP_MAC_CTX& context, ByteView key) : context_(context) {
    XFRMD_ASSERT(set_mac_key(context_, key));
}

void Mac::update(ByteView data) {
    if (std::exchange(is_finished_, false))
        XFRMD_ASSERT(EVP_MAC_init(&context_, nullptr, 0, nullptr) == 1);
    XFRMD_ASSERT(EVP_MAC_update(&context_, data.data(), data.size()) == 1);
}

void Mac::finish(MutableByteView out) {
    std::array<std::uint8_t, max_mac_size> whole;
    std::size_t size = 0;
    XFRMD_ASSERT(EVP_MAC_final(&context_, whole.data(), &size, whole.size()) == 1);
    XFRMD_ASSERT(out.size() <= size);
    std::copy_n(whole.begin(), out.size(), out.begin());
    wipe(whole);
    is_finished_ = true;
}

}  // namespace xfrmd::crypto
