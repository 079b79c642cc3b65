// CREATE_CHILD_SA for Child SAs: new ones, and successors for old ones (RFC 7296 section 1.3).
// The third use of the exchange, a successor for the IKE SA, is in rekey_ike_sa.hpp.
#pragma once

#include <functional>
#include <span>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike::create_child_sa {

/// HDR, SK {[N(USE_TRANSPORT_MODE),] SA, Ni, [KEi,] TSi, TSr}  -->
void request(IkeSa& sa, const CreateChild& wish, EngineContext& context);

/// HDR, SK {N(REKEY_SA), [N(USE_TRANSPORT_MODE),] SA, Ni, [KEi,] TSi, TSr}  -->   Nothing is sent
/// if the Child SA is gone or has a successor.
void request_rekey(IkeSa& sa, EspSpi spi_in, EngineContext& context);

/// HDR, SK {SA, Nr, [KEr,] TSi, TSr}  <--   or an error.
void finish(IkeSa& sa, ChildRequest request, const wire::Payloads& payloads,
            EngineContext& context);

/// Judges the peer's request and asks the kernel for the Child SA. The response follows when the
/// kernel has answered: whoever reads it may send at once.
void respond(IkeSa& sa, const wire::Header& request, const wire::Payloads& payloads,
             EngineContext& context);

/// A Child SA that either end asked for: the kernel has answered.
void on_installed(IkeSa& sa, EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                  EngineContext& context);

/// The peer has the Child SA of its response, and we will not: it is told so.
void disown(IkeSa& sa, EspSpi spi_in, const wire::Payloads& payloads, EngineContext& context);

/// A request that is out for a phase 2 (by its place) whose configuration has changed: what comes
/// of it is disowned.
void withdraw_request(IkeSa& sa, const std::function<bool(std::size_t)>& is_outdated);

/// A Child SA that the peer has asked for goes before the kernel has answered: the peer hears that
/// there will be none now.
void withdraw_answer(IkeSa& sa, EspSpi spi_in, EngineContext& context);

/// The peer deletes a Child SA that it has replaced, or that we wanted to replace: what becomes of
/// the collision is settled (RFC 7296 section 2.8.1).
void on_deleted_by_peer(IkeSa& sa, const ChildSa& child, EngineContext& context);

/// The peer deletes a Child SA that we know nothing of, by its SPI: perhaps the one of an answer
/// that is still on its way to us.
void on_unknown_deleted(IkeSa& sa, EspSpi spi_out);

/// HDR, SK {N(error)}  <--
void refuse(IkeSa& sa, const wire::Header& request, wire::NotifyType type, EngineContext& context);

/// HDR, SK {N(INVALID_KE_PAYLOAD)}  <--   names the group that we want (RFC 7296 section 1.3).
void refuse_group(IkeSa& sa, const wire::Header& request, wire::KeyExchangeMethod wanted,
                  EngineContext& context);

}  // namespace xfrmd::ike::create_child_sa
