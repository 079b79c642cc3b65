#include "crypto/mac.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/secret.hpp"

namespace xfrmd::crypto {

namespace {

// EVP_MAC_init takes a null key for "the key as before".
bool set_key(EVP_MAC_CTX& context, ByteView key) {
    static constexpr std::uint8_t no_octets[1] = {0};
    return EVP_MAC_init(&context, key.empty() ? no_octets : key.data(), key.size(), nullptr) == 1;
}

}  // namespace

Mac::Mac(EVP_MAC_CTX& context, ByteView key) : context_(context) {
    XFRMD_ASSERT(set_key(context_, key));
}

Mac::~Mac() {
    XFRMD_ASSERT(set_key(context_, {}));
}

void Mac::update(ByteView data) {
    XFRMD_ASSERT(EVP_MAC_update(&context_, data.data(), data.size()) == 1);
}

void Mac::finish(MutableByteView out) {
    std::array<std::uint8_t, max_mac_size> whole;
    std::size_t size = 0;
    XFRMD_ASSERT(EVP_MAC_final(&context_, whole.data(), &size, whole.size()) == 1);
    XFRMD_ASSERT(out.size() <= size);
    std::copy_n(whole.begin(), out.size(), out.begin());
    wipe(whole);
    XFRMD_ASSERT(EVP_MAC_init(&context_, nullptr, 0, nullptr) == 1);
}

}  // namespace xfrmd::crypto
