// The least that a PSK handshake can cost with OpenSSL.
#pragma once

namespace xfrmd::bench {

/// CPU seconds of one responder's handshake without anything around it, as the mean of `rounds`:
/// one X25519 key pair and one derivation, the HMACs of key schedule, AUTH and Child SA, one
/// AES-GCM message opened and one sealed; with contexts and algorithms made beforehand.
double bare_handshake_seconds(int rounds);

}  // namespace xfrmd::bench
