#include "crypto/protection.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "crypto/library_parts.hpp"
#include "crypto/mac.hpp"

namespace xfrmd::crypto {

namespace {

using openssl::failure;

constexpr std::size_t cbc_block_octets = 16;
constexpr std::size_t aead_iv_octets = 8;
constexpr std::size_t aead_salt_octets = 4;
constexpr std::size_t aead_icv_octets = 16;

enum class Direction : int { open = 0, seal = 1 };

/// The fields of a message that is protected, as views of its buffer.
struct Layout {
    ByteView associated_data;
    ByteView iv;
    MutableByteView text;
    MutableByteView icv;
};

Layout lay_out(MutableByteView message, std::size_t body_at, std::size_t iv, std::size_t icv) {
    const std::size_t text_at = body_at + iv;
    return {message.first(body_at), message.subspan(body_at, iv),
            message.subspan(text_at, message.size() - text_at - icv), message.last(icv)};
}

/// A cipher context with a key, until it goes: then the key is overwritten by zeros.
class KeyedCipher {
  public:
    KeyedCipher(EVP_CIPHER_CTX& context, Direction direction, ByteView key, ByteView nonce)
        : context_(context), ready_(set(direction, key.data(), nonce.data())) {}
    ~KeyedCipher() {
        static constexpr std::array<std::uint8_t, EVP_MAX_KEY_LENGTH> zeros{};
        set(Direction::seal, zeros.data(), zeros.data());
    }
    KeyedCipher(const KeyedCipher&) = delete;
    KeyedCipher& operator=(const KeyedCipher&) = delete;

    bool ready() const { return ready_; }

    bool add_associated_data(ByteView data) {
        int size = 0;
        return EVP_CipherUpdate(&context_, nullptr, &size, data.data(),
                                static_cast<int>(data.size())) == 1;
    }
    /// Transforms all octets in place.
    bool transform(MutableByteView text) {
        int size = 0;
        return EVP_CipherUpdate(&context_, text.data(), &size, text.data(),
                                static_cast<int>(text.size())) == 1 &&
               size == static_cast<int>(text.size());
    }
    /// For AEAD ciphers, this is where `open` compares the ICV.
    bool finish() {
        std::array<std::uint8_t, EVP_MAX_BLOCK_LENGTH> nothing_left;
        int size = 0;
        return EVP_CipherFinal_ex(&context_, nothing_left.data(), &size) == 1 && size == 0;
    }
    bool write_icv(MutableByteView icv) { return control(EVP_CTRL_AEAD_GET_TAG, icv); }
    bool expect_icv(MutableByteView icv) { return control(EVP_CTRL_AEAD_SET_TAG, icv); }

  private:
    bool set(Direction direction, const std::uint8_t* key, const std::uint8_t* nonce) {
        return EVP_CipherInit_ex2(&context_, nullptr, key, nonce, static_cast<int>(direction),
                                  nullptr) == 1;
    }
    bool control(int command, MutableByteView icv) {
        return EVP_CIPHER_CTX_ctrl(&context_, command, static_cast<int>(icv.size()), icv.data()) ==
               1;
    }

    EVP_CIPHER_CTX& context_;
    bool ready_;
};

/// RFC 5282 section 4 and RFC 7634 section 2: the salt, which ends the keying material, then the
/// IV.
std::array<std::uint8_t, aead_salt_octets + aead_iv_octets> aead_nonce(ByteView key, ByteView iv) {
    std::array<std::uint8_t, aead_salt_octets + aead_iv_octets> nonce;
    std::ranges::copy(key.last(aead_salt_octets), nonce.begin());
    std::ranges::copy(iv, nonce.begin() + aead_salt_octets);
    return nonce;
}

bool seal_aead(EVP_CIPHER_CTX& context, ByteView key, const Layout& message) {
    const auto nonce = aead_nonce(key, message.iv);
    KeyedCipher cipher(context, Direction::seal, key, nonce);
    return cipher.ready() && cipher.add_associated_data(message.associated_data) &&
           cipher.transform(message.text) && cipher.finish() && cipher.write_icv(message.icv);
}

std::expected<void, CryptoError> open_aead(EVP_CIPHER_CTX& context, ByteView key,
                                           const Layout& message) {
    const auto nonce = aead_nonce(key, message.iv);
    KeyedCipher cipher(context, Direction::open, key, nonce);
    if (!cipher.ready() || !cipher.expect_icv(message.icv) ||
        !cipher.add_associated_data(message.associated_data) || !cipher.transform(message.text))
        return failure(CryptoError::library_failure);
    if (cipher.finish()) return {};
    // What was decrypted before its ICV was known to be wrong is nobody's to read.
    wipe(message.text);
    return failure(CryptoError::integrity_failed);
}

bool run_cbc(EVP_CIPHER_CTX& context, Direction direction, ByteView key, const Layout& message) {
    KeyedCipher cipher(context, direction, key, message.iv);
    return cipher.ready() && cipher.transform(message.text) && cipher.finish();
}

using Icv = std::array<std::uint8_t, max_mac_size>;

/// RFC 7296 section 3.14: the ICV is computed over all octets before it.
MutableByteView compute_icv(EVP_MAC_CTX& context, ByteView key, ByteView covered,
                            MutableByteView icv) {
    Mac mac(context, key);
    mac.update(covered);
    mac.finish(icv);
    return icv;
}

}  // namespace

std::size_t Protection::iv_size() const {
    return is_aead(cipher_.id) ? aead_iv_octets : cbc_block_octets;
}

std::size_t Protection::icv_size() const {
    return is_aead(cipher_.id) ? aead_icv_octets : integrity_icv_size(integrity_);
}

std::size_t Protection::block_size() const {
    return is_aead(cipher_.id) ? 1 : cbc_block_octets;
}

bool Protection::keys_fit(const ProtectionKeys& keys) const {
    return keys.encryption.size() == cipher_key_size(cipher_) &&
           (is_aead(cipher_.id) || keys.integrity.size() == integrity_key_size(integrity_));
}

bool Protection::size_fits(std::size_t message_size, std::size_t body_at) const {
    const std::size_t around = body_at + iv_size() + icv_size();
    return message_size >= around && (message_size - around) % block_size() == 0;
}

std::expected<void, CryptoError> Protection::seal(const ProtectionKeys& keys,
                                                  MutableByteView message,
                                                  std::size_t body_at) const {
    const bool aead = is_aead(cipher_.id);
    EVP_CIPHER_CTX* cipher = library_->parts().cipher(cipher_);
    EVP_MAC_CTX* mac = aead ? nullptr : library_->parts().mac(integrity_);
    if (!cipher || (!aead && !mac)) return std::unexpected(CryptoError::unsupported);
    XFRMD_ASSERT(keys_fit(keys));
    XFRMD_ASSERT(size_fits(message.size(), body_at));

    const Layout layout = lay_out(message, body_at, iv_size(), icv_size());
    if (aead) {
        if (!seal_aead(*cipher, keys.encryption, layout))
            return failure(CryptoError::library_failure);
        return {};
    }
    if (!run_cbc(*cipher, Direction::seal, keys.encryption, layout))
        return failure(CryptoError::library_failure);
    compute_icv(*mac, keys.integrity, message.first(message.size() - icv_size()), layout.icv);
    return {};
}

std::expected<ByteView, CryptoError> Protection::open(const ProtectionKeys& keys,
                                                      MutableByteView message,
                                                      std::size_t body_at) const {
    const bool aead = is_aead(cipher_.id);
    EVP_CIPHER_CTX* cipher = library_->parts().cipher(cipher_);
    EVP_MAC_CTX* mac = aead ? nullptr : library_->parts().mac(integrity_);
    if (!cipher || (!aead && !mac)) return std::unexpected(CryptoError::unsupported);
    XFRMD_ASSERT(keys_fit(keys));
    // No sender that has the keys makes such a message.
    if (!size_fits(message.size(), body_at)) return failure(CryptoError::integrity_failed);

    const Layout layout = lay_out(message, body_at, iv_size(), icv_size());
    if (aead) {
        if (auto opened = open_aead(*cipher, keys.encryption, layout); !opened)
            return std::unexpected(opened.error());
        return layout.text;
    }
    Icv icv;
    const ByteView expected =
        compute_icv(*mac, keys.integrity, message.first(message.size() - icv_size()),
                    MutableByteView(icv).first(icv_size()));
    if (!Secret::equal(expected, layout.icv)) return failure(CryptoError::integrity_failed);
    if (!run_cbc(*cipher, Direction::open, keys.encryption, layout))
        return failure(CryptoError::library_failure);
    return layout.text;
}

}  // namespace xfrmd::crypto
