// Messages under the keys of an IKE SA: header, SK payload and nothing else (RFC 7296
// section 3.14).
#pragma once

#include <expected>
#include <variant>

#include "crypto/error.hpp"
#include "ike/ike_sa.hpp"
#include "wire/message.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::ike {

/// Builds one protected message in place: add payloads to `inner()`, then seal it.
class SkMessageWriter {
  public:
    /// A request under the next free message ID.
    static SkMessageWriter request(IkeSa& sa, wire::ExchangeType exchange, EngineContext& context);
    /// The response to the request that came last.
    static SkMessageWriter response(IkeSa& sa, const wire::Header& request, EngineContext& context);
    SkMessageWriter(const SkMessageWriter&) = delete;
    SkMessageWriter& operator=(const SkMessageWriter&) = delete;

    wire::ChainWriter& inner() { return inner_; }
    Bytes seal();

  private:
    SkMessageWriter(IkeSa& sa, const wire::Header& header, EngineContext& context);

    IkeSa& sa_;
    EngineContext& context_;
    Bytes message_;
    wire::ChainWriter outer_;
    std::size_t sk_at_;
    wire::ChainWriter inner_;
};

/// Why a protected message could not be read.
struct NotAuthentic {};
using SkError = std::variant<NotAuthentic, wire::ParseError>;

/// Verifies, decrypts in place and parses. The payloads' views are of `octets`.
/// NotAuthentic: drop it. ParseError: the peer itself sent something broken.
std::expected<wire::Payloads, SkError> open_sk_message(IkeSa& sa, const wire::Header& header,
                                                       MutableByteView octets,
                                                       EngineContext& context);

}  // namespace xfrmd::ike
