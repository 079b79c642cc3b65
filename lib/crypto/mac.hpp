// HMAC (RFC 2104) in a context that is kept and re-keyed for each use.
#pragma once

#include <array>

#include "base/bytes.hpp"
#include "crypto/openssl.hpp"

namespace xfrmd::crypto {

/// The longest output: HMAC-SHA-512's.
constexpr std::size_t max_mac_size = 64;

/// One computation after another under one key, in a context borrowed from the library. The key
/// does not stay behind: the context is re-keyed with nothing when this goes.
class Mac {
  public:
    /// `key` may have any length, none included; the context copies it.
    Mac(EVP_MAC_CTX& context, ByteView key);
    ~Mac();
    Mac(const Mac&) = delete;
    Mac& operator=(const Mac&) = delete;

    void update(ByteView data);
    /// Writes the first out.size() octets of the result, and starts the next computation.
    void finish(MutableByteView out);

  private:
    EVP_MAC_CTX& context_;
};

}  // namespace xfrmd::crypto
