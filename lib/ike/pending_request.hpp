// What the outstanding request of an established IKE SA is about, and what has to be remembered
// until its response is there.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "crypto/key_exchange.hpp"
#include "ike/proposal_selection.hpp"
#include "ike/wish.hpp"
#include "wire/header.hpp"

namespace xfrmd::ike {

/// The peer has asked for the same as we have, and was answered. "the SA created with the lowest of
/// the four nonces ... SHOULD be closed by the endpoint that created it" (RFC 7296 section 2.8.1).
template <class Spi>
struct Collision {
    Spi spi;             ///< ours, of the SA that the peer's request has made
    Bytes lowest_nonce;  ///< of the two of the peer's exchange
};

/// CREATE_CHILD_SA is out: a new Child SA, or a successor for one.
struct ChildRequest {
    CreateChild wish;  ///< of `no_phase2` if it was withdrawn
    EspSpi spi_in;     ///< ours, for the Child SA that comes of it
    EspSpi rekeys;     ///< ours, of the Child SA to be replaced; 0: none
    Bytes nonce;
    std::optional<crypto::KeyExchange> key_exchange;  ///< for PFS
    std::uint32_t retries = 0;                        ///< INVALID_KE_PAYLOAD so far
    std::optional<Collision<EspSpi>> collision;
    /// The peer's SPIs that it has deleted meanwhile, and that we know nothing of: one may be that
    /// of the answer, which is still on its way.
    std::vector<EspSpi> unknown_deletes;
};

/// CREATE_CHILD_SA is out: a successor for the IKE SA itself.
struct IkeRekeyRequest {
    IkeSpi spi;  ///< ours, of the successor
    Bytes nonce;
    crypto::KeyExchange key_exchange;
    std::uint32_t retries = 0;
    std::optional<Collision<IkeSpi>> collision;
};

/// INFORMATIONAL is out.
struct DeleteRequest {
    std::vector<ChildSpis> children;
};
struct ProbeRequest {};

using PendingRequest =
    std::variant<std::monostate, ChildRequest, IkeRekeyRequest, DeleteRequest, ProbeRequest>;

/// A CREATE_CHILD_SA request of the peer's that is answered when the kernel has the Child SA.
struct ChildAnswer {
    wire::Header request;
    EspSpi spi_in;
    EspChoice choice;
    Bytes nonce;         ///< ours
    Bytes public_value;  ///< ours; empty without PFS
};

}  // namespace xfrmd::ike
