// AUTH with a pre-shared key (RFC 7296 section 2.15).
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "crypto/prf.hpp"

namespace xfrmd::ike {

/// What one end signs; the views belong to the caller.
struct SignedOctets {
    ByteView message;   ///< this end's IKE_SA_INIT message, from the header on
    ByteView nonce;     ///< the *other* end's nonce
    ByteView identity;  ///< this end's ID payload without its generic header
    ByteView sk_p;      ///< SK_pi or SK_pr: this end's
};

/// prf(prf(psk, "Key Pad for IKEv2"), message | nonce | prf(SK_p, identity)).
Secret shared_key_auth(const crypto::Prf& prf, ByteView psk, const SignedOctets& octets);

}  // namespace xfrmd::ike
