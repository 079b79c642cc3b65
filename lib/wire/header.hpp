// The IKE header (RFC 7296 section 3.1).
//
// lib/wire turns octets into IKEv2 messages and back, and decides nothing else. A datagram is read
// in two steps: `Header::parse` here, then `parse_payloads` (message.hpp) over what follows, and
// again over the decrypted inside of an Encrypted payload. Payloads hold views of the octets they
// were read from. Messages are written with `Header::append_to`, a `ChainWriter`
// (payload_chain.hpp) and `finish_message`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |                       IKE SA initiator's SPI                  |
///   4 |                                                               |
///     +---------------+---------------+---------------+---------------+
///   8 |                       IKE SA responder's SPI                  |
///  12 |                                                               |
///     +---------------+-------+-------+---------------+---------------+
///  16 |  next payload | major | minor | exchange type |0 0 R V I 0 0 0|
///     +---------------+-------+-------+---------------+---------------+
///  20 |                           message ID                          |
///     +---------------+---------------+---------------+---------------+
///  24 |               length of the whole message in octets           |
///     +---------------+---------------+---------------+---------------+
struct Header {
    static constexpr std::size_t size = 28;
    /// Where the first payload's type stands, for a ChainWriter over the message.
    static constexpr std::size_t next_payload_at = 16;
    static constexpr std::size_t length_at = 24;

    IkeSpi spi_i;
    IkeSpi spi_r;
    PayloadType next_payload = PayloadType::none;
    std::uint8_t major_version = 2;
    std::uint8_t minor_version = 0;
    ExchangeType exchange{};
    /// I: sent by the original initiator of the IKE SA.
    bool initiator = false;
    /// R: answers the request with the same message ID.
    bool response = false;
    /// V: the sender could speak a higher major version. Never set by us, never acted upon.
    bool higher_version = false;
    MessageId message_id;
    /// Octets of header and payloads; `finish_message` sets it in a message that is built.
    std::uint32_t length = 0;

    /// Reads the header at the front of a whole datagram (without a non-ESP marker). Errors: fewer
    /// than 28 octets, or a length that is not the datagram's. A version other than 2.0 is no
    /// error here, for its answer needs the header; reserved bits are ignored.
    static std::expected<Header, ParseError> parse(ByteView datagram);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
