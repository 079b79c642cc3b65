// Messages under the keys of an IKE SA: header, SK payload and nothing else (RFC 7296
// section 3.14), or the same in fragments (RFC 7383).
#pragma once

#include <cstdint>
#include <expected>

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
    /// One datagram, or fragments if it is too large for one and the peer can join them.
    Datagrams seal();

  private:
    SkMessageWriter(IkeSa& sa, const wire::Header& header, EngineContext& context);

    IkeSa& sa_;
    EngineContext& context_;
    Bytes message_;
    wire::ChainWriter outer_;
    std::size_t sk_at_;
    std::size_t body_at_;
    wire::ChainWriter inner_;
};

/// Why there is no message yet.
enum class Unopened : std::uint8_t {
    refused,     ///< not authentic, or a fragment that nobody wants: drop it
    incomplete,  ///< an authentic fragment, kept until the others are there
};

/// A message that the peer sent.
struct AuthenticMessage {
    /// Of the datagram that a retransmission of it begins with (MessageWindow).
    std::uint64_t fingerprint = 0;
    /// ParseError: the peer itself sent something broken.
    std::expected<wire::Payloads, wire::ParseError> payloads;
};

/// Verifies, decrypts and parses a datagram. The payloads' views are of `octets`, which after the
/// last fragment of a message hold the whole of it.
std::expected<AuthenticMessage, Unopened> open_message(IkeSa& sa, const wire::Header& header,
                                                       Bytes& octets, EngineContext& context);

}  // namespace xfrmd::ike
