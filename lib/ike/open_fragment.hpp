// One fragment of a message comes in (RFC 7383 section 2.6).
#pragma once

#include "ike/ike_sa.hpp"
#include "ike/sk_message.hpp"
#include "wire/encrypted_fragment_payload.hpp"

namespace xfrmd::ike {

/// A datagram with an Encrypted Fragment payload.
struct ReceivedFragment {
    const wire::Header& header;
    wire::EncryptedFragmentPayload payload;  ///< views of `octets`
    Bytes& octets;                           ///< changed; the whole message after the last fragment
};

/// Judges, verifies and keeps it; the last one gives the message. Nothing is kept of a fragment
/// that is not authentic, and of one message alone for each direction at a time.
std::expected<AuthenticMessage, Unopened> open_fragment(IkeSa& sa, const ReceivedFragment& fragment,
                                                        EngineContext& context);

/// True for the first fragment of a message, if the peer sent it. Nothing is kept.
bool is_authentic_first_fragment(IkeSa& sa, const wire::Header& header, Bytes& octets,
                                 EngineContext& context);

/// The time of fragments whose others never came is over.
void on_reassembly_timer(IkeSa& sa, EngineContext& context);

}  // namespace xfrmd::ike
