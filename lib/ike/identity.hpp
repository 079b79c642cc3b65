// Identities between the configuration and the wire (RFC 7296 section 3.5).
#pragma once

#include "config/model.hpp"
#include "wire/id_payload.hpp"

namespace xfrmd::ike {

/// "localid" of a phase 1, or the address we speak from.
config::Identity own_identity(const config::Phase1& phase1, const IpAddress& local);

/// A copy of what a peer sent, with a text that is safe to print.
config::Identity identity_of(const wire::IdPayload& payload);

/// The views are of `identity`.
wire::IdPayload payload_of(const config::Identity& identity);

/// True if peertype and peerid accept the identity.
bool accepts(const config::Phase1& phase1, const config::Identity& peer);

}  // namespace xfrmd::ike
