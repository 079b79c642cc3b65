#include "crypto/key_schedule.hpp"

#include <algorithm>

namespace xfrmd::crypto {

namespace {

Bytes joined(ByteView first, ByteView second) {
    Bytes all;
    all.reserve(first.size() + second.size());
    all.insert(all.end(), first.begin(), first.end());
    all.insert(all.end(), second.begin(), second.end());
    return all;
}

/// Deals out key material from front to back.
class KeyMaterial {
  public:
    explicit KeyMaterial(const Secret& material) : rest_(material.view()) {}

    Secret take(std::size_t size) {
        Secret key(rest_.first(size));
        rest_ = rest_.subspan(size);
        return key;
    }

  private:
    ByteView rest_;
};

// RFC 7296 section 2.14: {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr}
// = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr)
IkeKeys expand(const Library& library, const IkeSuite& suite, const Secret& skeyseed,
               const KeyInputs& inputs) {
    const Prf prf(library, suite.prf);
    const std::size_t prf_size = prf.output_size();
    const std::size_t cipher_size = cipher_key_size(suite.cipher);
    const std::size_t integrity_size = integrity_key_size(suite.integrity);

    Bytes seed = joined(inputs.nonce_i, inputs.nonce_r);
    ByteWriter(seed).u64(inputs.spi_i.value());
    ByteWriter(seed).u64(inputs.spi_r.value());
    const Secret material =
        prf.plus(skeyseed.view(), seed, 3 * prf_size + 2 * integrity_size + 2 * cipher_size);

    KeyMaterial keys(material);
    // Members are initialised in the order in which they are written.
    return IkeKeys{.sk_d = keys.take(prf_size),
                   .sk_ai = keys.take(integrity_size),
                   .sk_ar = keys.take(integrity_size),
                   .sk_ei = keys.take(cipher_size),
                   .sk_er = keys.take(cipher_size),
                   .sk_pi = keys.take(prf_size),
                   .sk_pr = keys.take(prf_size)};
}

}  // namespace

IkeKeys derive_ike_keys(const Library& library, const IkeSuite& suite, ByteView shared_secret,
                        const KeyInputs& inputs) {
    const Bytes nonces = joined(inputs.nonce_i, inputs.nonce_r);
    return expand(library, suite, Prf(library, suite.prf)(nonces, {shared_secret}), inputs);
}

IkeKeys derive_rekeyed_ike_keys(const Library& library, const IkeSuite& suite, const Prf& old_prf,
                                const Secret& old_sk_d, ByteView shared_secret,
                                const KeyInputs& inputs) {
    const Secret skeyseed =
        old_prf(old_sk_d.view(), {shared_secret, inputs.nonce_i, inputs.nonce_r});
    return expand(library, suite, skeyseed, inputs);
}

ChildKeys derive_child_keys(const Prf& prf, const EspSuite& suite, const Secret& sk_d,
                            ByteView shared_secret, ByteView nonce_i, ByteView nonce_r) {
    const std::size_t cipher_size = cipher_key_size(suite.cipher);
    const std::size_t integrity_size = integrity_key_size(suite.integrity);

    Secret seed(shared_secret.size() + nonce_i.size() + nonce_r.size());
    MutableByteView rest = seed.writable();
    for (ByteView part : {shared_secret, nonce_i, nonce_r}) {
        std::copy(part.begin(), part.end(), rest.begin());
        rest = rest.subspan(part.size());
    }
    const Secret material = prf.plus(sk_d.view(), seed.view(), 2 * (cipher_size + integrity_size));

    // RFC 7296 section 2.17: "the encryption key MUST be taken from the first bits and the
    // integrity key from the remaining bits"; the initiator's direction comes first.
    KeyMaterial keys(material);
    return ChildKeys{.encryption_i = keys.take(cipher_size),
                     .integrity_i = keys.take(integrity_size),
                     .encryption_r = keys.take(cipher_size),
                     .integrity_r = keys.take(integrity_size)};
}

}  // namespace xfrmd::crypto
