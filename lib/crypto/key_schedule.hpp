// SKEYSEED and what grows from it (RFC 7296 sections 2.14, 2.17, 2.18).
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "base/strong.hpp"
#include "crypto/prf.hpp"
#include "crypto/suite.hpp"

namespace xfrmd::crypto {

/// The seven keys of an IKE SA. SK_a* are empty for AEAD ciphers; SK_e* end with the salt there.
struct IkeKeys {
    Secret sk_d, sk_ai, sk_ar, sk_ei, sk_er, sk_pi, sk_pr;
};

/// Nonces and SPIs of an exchange; the views belong to the caller.
struct KeyInputs {
    ByteView nonce_i;
    ByteView nonce_r;
    IkeSpi spi_i;
    IkeSpi spi_r;
};

/// SKEYSEED = prf(Ni | Nr, g^ir), then prf+ (RFC 7296 section 2.14).
IkeKeys derive_ike_keys(const Library& library, const IkeSuite& suite, ByteView shared_secret,
                        const KeyInputs& inputs);

/// SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr), with the old SA's prf (section 2.18).
IkeKeys derive_rekeyed_ike_keys(const Library& library, const IkeSuite& suite, const Prf& old_prf,
                                const Secret& old_sk_d, ByteView shared_secret,
                                const KeyInputs& inputs);

/// The keys of a Child SA: `_i` protects what the exchange's initiator sends. Encryption keys
/// carry the salt, as the kernel wants them.
struct ChildKeys {
    Secret encryption_i, integrity_i, encryption_r, integrity_r;
};

/// KEYMAT = prf+(SK_d, [g^ir |] Ni | Nr) (section 2.17); `shared_secret` is empty without PFS.
ChildKeys derive_child_keys(const Prf& prf, const EspSuite& suite, const Secret& sk_d,
                            ByteView shared_secret, ByteView nonce_i, ByteView nonce_r);

}  // namespace xfrmd::crypto
