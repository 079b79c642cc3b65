#include "crypto/prf.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "crypto/library_parts.hpp"
#include "crypto/mac.hpp"

namespace xfrmd::crypto {

namespace {

/// RFC 7296 section 2.13: "prf+ is not defined beyond 255 times the size of the prf function
/// output", because the counter is one octet.
constexpr std::size_t max_blocks = 255;

EVP_MAC_CTX& context_of(const Library& library, wire::PrfId id) {
    EVP_MAC_CTX* context = library.parts().mac(id);
    XFRMD_ASSERT(context != nullptr);
    return *context;
}

}  // namespace

Secret Prf::operator()(ByteView key, std::initializer_list<ByteView> data) const {
    Mac mac(context_of(*library_, id_), key);
    for (ByteView part : data)
        mac.update(part);
    Secret result(output_size());
    mac.finish(result.writable());
    return result;
}

// RFC 7296 section 2.13: T1 = prf (K, S | 0x01), T2 = prf (K, T1 | S | 0x02), ...
Secret Prf::plus(ByteView key, ByteView seed, std::size_t length) const {
    XFRMD_ASSERT(length <= max_blocks * output_size());
    Mac mac(context_of(*library_, id_), key);
    Secret result(length);
    ByteView previous;
    std::uint8_t counter = 1;
    for (std::size_t at = 0; at < length; at += output_size(), ++counter) {
        MutableByteView block = result.writable().subspan(at, std::min(output_size(), length - at));
        mac.update(previous);
        mac.update(seed);
        mac.update({&counter, 1});
        mac.finish(block);
        previous = block;
    }
    return result;
}

}  // namespace xfrmd::crypto
