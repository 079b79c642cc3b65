#include "base/secret.hpp"

#include <openssl/crypto.h>

namespace xfrmd {

void wipe(MutableByteView bytes) {
    OPENSSL_cleanse(bytes.data(), bytes.size());
}

bool Secret::equal(ByteView a, ByteView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace xfrmd
