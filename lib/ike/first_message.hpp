// What is looked at in a caller's first message before anything of it is believed.
//
// A first message comes from anybody who can write an address on an envelope. Nothing of it is
// parsed, kept or computed with before the doors (doors.hpp) have let it in; this is all that they
// have to know of it.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "base/ip_address.hpp"
#include "wire/header.hpp"

namespace xfrmd::ike {

/// A first message seen from outside: views of the datagram's octets.
struct FirstMessage {
    ByteView nonce;   ///< Ni, 16 to 256 octets (RFC 7296 section 3.9)
    ByteView cookie;  ///< empty: it has none where one belongs
};

/// Walks the payloads' headers. Nothing if there is no SA, KE or Ni of a possible size, or if the
/// chain is broken: such a message is nobody's beginning. "the initiator MUST ... include the
/// COOKIE notification ... as the first payload" (RFC 7296 section 2.6): elsewhere it is none.
std::optional<FirstMessage> look_at(const wire::Header& header, ByteView octets);

/// False for what no answer should ever be sent to: port 0, no address, a group's or everybody's.
/// (`own` is where the message arrived: our own address and port are no caller's either.)
bool may_be_answered(const Endpoint& caller, const Endpoint& own);

/// The longest answer to a request from an address that has not proved to be the sender's: 1.2
/// times the request. More would make us a tool against those whose addresses are forged.
constexpr std::size_t longest_answer_to(std::size_t request_size) {
    return request_size + request_size / 5;
}

}  // namespace xfrmd::ike
