#include "ike/authentication.hpp"

namespace xfrmd::ike {

Secret shared_key_auth(const crypto::Prf& prf, ByteView psk, const SignedOctets& octets) {
    const Secret padded = prf(psk, {as_bytes("Key Pad for IKEv2")});
    const Secret identity = prf(octets.sk_p, {octets.identity});
    return prf(padded.view(), {octets.message, octets.nonce, identity.view()});
}

}  // namespace xfrmd::ike
