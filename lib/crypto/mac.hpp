// HMAC (RFC 2104) in a context that is kept and re-keyed for each use.
#pragma once

#include <array>

#include "base/bytes.hpp"
#include "crypto/openssl.hpp"

namespace xfrmd::crypto {

/// The longest output: HMAC-SHA-512's.
constexpr std::size_t max_mac_size = 64;

/// Gives a context a key of any length, none included; false if OpenSSL refuses.
bool set_mac_key(EVP_MAC_CTX& context, ByteView key);

/// One computation after another under one key, in a context borrowed from the library. The key
/// stays in the context until the next one, or until Library::forget_keys().
class Mac {
  public:
    /// `key` may have any length, none included; the context copies it.
    Mac(EVP_MAC_CTX& context, ByteView key);
    Mac(const Mac&) = delete;
    Mac& operator=(const Mac&) = delete;

    void update(ByteView data);
    /// Writes the first out.size() octets of the result, and starts the next computation.
    void finish(MutableByteView out);

  private:
    EVP_MAC_CTX& context_;
    bool is_finished_ = false;
};

}  // namespace xfrmd::crypto
