// Reads and writes protected messages of an IKE SA with the keys that a gateway logged: what tests
// look into datagrams with, and forge those that no gateway of ours would send.
#pragma once

#include <functional>

#include "crypto/library.hpp"
#include "ike/input_output.hpp"
#include "wire/header.hpp"
#include "wire/message.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::test {

/// A message with its payloads; the payloads' views are of `octets`.
struct OpenedMessage {
    Bytes octets;
    wire::Header header;
    wire::PayloadType first = wire::PayloadType::none;
    ByteView chain;  ///< the payloads' octets
    wire::Payloads payloads;
};

/// A message in clear text: IKE_SA_INIT, or a notify without an IKE SA.
OpenedMessage read_clear(ByteView datagram);

/// A message in clear text with payloads of a test's choice.
Bytes write_clear(const wire::Header& header, const std::function<void(wire::ChainWriter&)>& fill);

/// The notify types of a message, in order.
std::vector<wire::NotifyType> notify_types(const OpenedMessage& message);

class Wiretap {
  public:
    Wiretap(const crypto::Library& library, const ike::KeyLog& keys);

    /// The sender is told by the header's initiator flag. Throws if the message is not authentic.
    OpenedMessage open(ByteView datagram) const;

    /// A request under the next message ID that the test knows.
    Bytes seal(wire::Header header, const std::function<void(wire::ChainWriter&)>& fill);
    /// A fragment of a message: `plain` is what it carries, whatever that is.
    struct Piece {
        std::uint16_t number = 1;
        std::uint16_t total = 1;
        wire::PayloadType first = wire::PayloadType::none;
        Bytes plain;
    };
    Bytes seal_fragment(const wire::Header& header, const Piece& piece);
    wire::Header request(wire::ExchangeType exchange, std::uint32_t id, bool initiator) const;

    /// The message once more, but for the payloads that `leave_out` names.
    Bytes without(ByteView datagram, const std::function<bool(const wire::RawPayload&)>& leave_out);

  private:
    void append_iv(Bytes& octets);
    /// Encrypts what stands behind the IV at `body_at`, in the payload begun at `payload_at`.
    void finish(Bytes& octets, wire::ChainWriter& outer, std::size_t payload_at,
                std::size_t body_at) const;

    const crypto::Library& library_;
    const ike::KeyLog& keys_;
    std::uint64_t next_iv_ = std::uint64_t{1} << 40;  ///< far from those of the gateways
};

}  // namespace xfrmd::test
