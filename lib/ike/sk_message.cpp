#include "ike/sk_message.hpp"

#include "base/assert.hpp"
#include "ike/fragmentation.hpp"
#include "ike/open_fragment.hpp"
#include "ike/sealing.hpp"

namespace xfrmd::ike {
namespace {

/// Most protected messages fit without another allocation.
constexpr std::size_t usual_message_size = 512;

wire::Header header_for(const IkeSa& sa, wire::ExchangeType exchange) {
    wire::Header header;
    header.spi_i = sa.spi_i;
    header.spi_r = sa.spi_r;
    header.exchange = exchange;
    header.initiator = sa.role == Role::initiator;
    return header;
}

}  // namespace

SkMessageWriter SkMessageWriter::request(IkeSa& sa, wire::ExchangeType exchange,
                                         EngineContext& context) {
    wire::Header header = header_for(sa, exchange);
    header.message_id = sa.window.next_request_id();
    return {sa, header, context};
}

SkMessageWriter SkMessageWriter::response(IkeSa& sa, const wire::Header& request,
                                          EngineContext& context) {
    wire::Header header = header_for(sa, request.exchange);
    header.message_id = request.message_id;
    header.response = true;
    return {sa, header, context};
}

SkMessageWriter::SkMessageWriter(IkeSa& sa, const wire::Header& header, EngineContext& context)
    : sa_(sa),
      context_(context),
      outer_(message_, wire::Header::next_payload_at),
      sk_at_(wire::Header::size),
      body_at_(sk_at_ + wire::generic_header_size),
      inner_(message_, sk_at_) {
    message_.reserve(usual_message_size);
    header.append_to(message_);
    XFRMD_ASSERT(outer_.begin(wire::PayloadType::encrypted) == sk_at_);
    // Of a message that turns out to need fragments nobody sees it.
    append_iv(sa, message_, context);
}

Datagrams SkMessageWriter::seal() {
    const crypto::Protection protection = protection_of(sa_, context_);
    const std::size_t plain_at = body_at_ + protection.iv_size();
    const std::size_t plain = message_.size() - plain_at;
    if (sa_.fragmentation.agreed &&
        message_.size() + trailer_size(protection, plain) > fragmentation::largest_message(sa_)) {
        const ByteView view = message_;
        return fragmentation::split(sa_,
                                    {view.first(wire::Header::size),
                                     wire::PayloadType{message_[sk_at_]}, view.subspan(plain_at)},
                                    context_);
    }
    ike::seal(sa_, {message_, outer_, sk_at_, body_at_}, context_);
    return one_datagram(std::move(message_));
}

namespace {

std::expected<wire::Payloads, wire::ParseError> parse_plain(wire::PayloadType first,
                                                            ByteView padded) {
    const auto plain = without_padding(padded, wire::PayloadType::encrypted);
    if (!plain) return std::unexpected(plain.error());
    return wire::parse_inner_payloads(first, *plain);
}

}  // namespace

std::expected<AuthenticMessage, Unopened> open_message(IkeSa& sa, const wire::Header& header,
                                                       Bytes& octets, EngineContext& context) {
    const auto outer =
        wire::parse_payloads(header.next_payload, ByteView(octets).subspan(wire::Header::size));
    if (!outer) return std::unexpected(Unopened::refused);
    if (outer->encrypted_fragment)
        return open_fragment(sa, {header, *outer->encrypted_fragment, octets}, context);
    if (!outer->encrypted) return std::unexpected(Unopened::refused);

    const std::uint64_t fingerprint = MessageWindow::fingerprint(octets);
    const std::size_t body_at = octets.size() - outer->encrypted->body.size();
    const auto padded = unseal(sa, other(sa.role), octets, body_at, context);
    if (!padded) return std::unexpected(Unopened::refused);
    return AuthenticMessage{fingerprint, parse_plain(outer->encrypted->first_inner, *padded)};
}

}  // namespace xfrmd::ike
