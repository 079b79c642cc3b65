// The chain of payloads and the generic payload header (RFC 7296 section 3.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |  next payload |C|  reserved   | length with these four octets |
///     +---------------+---------------+---------------+---------------+
inline constexpr std::size_t generic_header_size = 4;

/// Payloads in one chain: the busiest honest message (IKE_AUTH with certificates, or MOBIKE's list
/// of addresses) has about thirty; the work for one message stays small whatever arrives.
inline constexpr std::size_t max_payloads = 128;

/// A payload before its body is understood. The views' owner is the chain's.
struct RawPayload {
    PayloadType type = PayloadType::none;
    bool critical = false;
    /// What follows the generic header.
    ByteView body;
    /// The next payload; of SK and SKF, which end a chain, the first one inside.
    PayloadType next = PayloadType::none;
};

/// Walks a chain from front to back. Each step consumes at least a generic header.
class PayloadChain {
  public:
    /// `first` comes from the octet in front of the chain: the header's or the SK payload's. The
    /// chain's owner (datagram or decrypted buffer) has to outlive what `next` returns.
    PayloadChain(PayloadType first, ByteView chain) : next_(first), reader_(chain) {}

    /// The next payload, or nothing at the end. SK and SKF are the last payloads of their message
    /// (sections 3.14 and RFC 7383 section 2.5). Errors: a payload that is shorter than its header
    /// or runs past the chain, octets behind the last one, more than `max_payloads`. After an
    /// error there is nothing more to read.
    std::expected<std::optional<RawPayload>, ParseError> next();

  private:
    PayloadType last_ = PayloadType::none;
    PayloadType next_;
    ByteReader reader_;
    std::size_t steps_ = 0;
};

/// Appends payloads to a message, each linked from the one before; the last one's link stays 0.
///
/// An SK payload is built in place with two writers over one buffer:
///
///     header.append_to(out);
///     ChainWriter outer(out, Header::next_payload_at);
///     const std::size_t sk = outer.begin(PayloadType::encrypted);
///     ...IV...
///     ChainWriter inner(out, sk);       // SK's own next-payload octet names the first one inside
///     inner.add(...);
///     ...padding, pad length, room for the ICV...
///     outer.end(sk);
///     finish_message(out);
class ChainWriter {
  public:
    /// `next_payload_at` is the place in `out` of the octet that will name the first payload.
    ChainWriter(Bytes& out, std::size_t next_payload_at)
        : out_(out), next_payload_at_(next_payload_at) {}

    /// Adds a payload of a type that has one number.
    template <class P>
    void add(const P& payload) {
        add(P::type, payload);
    }

    /// Adds a payload whose number says whose it is: IDi and IDr, TSi and TSr.
    template <class P>
    void add(PayloadType type, const P& payload) {
        const std::size_t at = begin(type);
        payload.append_to(out_);
        if constexpr (requires { payload.first_inner; })
            out_[at] = std::to_underlying(payload.first_inner);
        end(at);
    }

    /// Writes a generic header and returns its place, which is also that of its next-payload
    /// octet. The caller appends the body, then calls `end` with the place.
    std::size_t begin(PayloadType type);
    /// Sets the length of the payload begun at `at` to reach the end of the buffer. A payload over
    /// 65535 octets is our own mistake and ends the process.
    void end(std::size_t at);

  private:
    Bytes& out_;
    std::size_t next_payload_at_;
};

}  // namespace xfrmd::wire
