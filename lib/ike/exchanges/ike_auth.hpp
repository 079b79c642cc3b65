// IKE_AUTH: both ends prove who they are, and the first Child SA comes with it
// (RFC 7296 sections 1.2 and 2.15).
#pragma once

#include <span>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::ike_auth {

/// HDR, SK {IDi, [N(INITIAL_CONTACT),] [IDr,] AUTH, SAi2, TSi, TSr}  -->
void request(IkeSa& sa, EngineContext& context);

/// HDR, SK {IDr, AUTH, SAr2, TSi, TSr}  <--   or an error.
void finish(IkeSa& sa, const wire::Payloads& payloads, EngineContext& context);

/// Verifies the initiator, chooses the Child SA and asks the kernel for it. The response follows
/// when the kernel has answered: whoever reads it may send at once.
void respond(IkeSa& sa, const wire::Header& request, const wire::Payloads& payloads,
             EngineContext& context);

/// The responder's Child SA: the kernel has answered; now the response goes out.
void on_installed(IkeSa& sa, EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                  EngineContext& context);

}  // namespace xfrmd::ike::ike_auth
