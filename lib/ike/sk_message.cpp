#include "ike/sk_message.hpp"

#include "base/assert.hpp"
#include "crypto/protection.hpp"

namespace xfrmd::ike {
namespace {

/// Most protected messages fit without another allocation.
constexpr std::size_t usual_message_size = 512;

crypto::Protection protection_of(const IkeSa& sa, const EngineContext& context) {
    return {context.library, sa.suite.cipher, sa.suite.integrity};
}

/// The keys that protect what `sender` sends.
crypto::ProtectionKeys keys_of(const Session& session, Role sender) {
    if (sender == Role::initiator) return {session.keys.sk_ei.view(), session.keys.sk_ai.view()};
    return {session.keys.sk_er.view(), session.keys.sk_ar.view()};
}

Role other(Role role) {
    return role == Role::initiator ? Role::responder : Role::initiator;
}

wire::Header header_for(const IkeSa& sa, wire::ExchangeType exchange) {
    wire::Header header;
    header.spi_i = sa.spi_i;
    header.spi_r = sa.spi_r;
    header.exchange = exchange;
    header.initiator = sa.role == Role::initiator;
    return header;
}

/// AEAD: a counter, never used twice under one key. CBC: unpredictable (RFC 7296 section 3.14).
void append_iv(Bytes& message, const crypto::Protection& protection, Session& session,
               EngineContext& context) {
    ByteWriter writer(message);
    if (protection.block_size() == 1) {
        XFRMD_ASSERT(protection.iv_size() == sizeof session.sent);
        writer.u64(session.sent++);
        return;
    }
    const std::size_t iv_at = writer.position();
    writer.zeros(protection.iv_size());
    context.random.fill(MutableByteView(message).subspan(iv_at));
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
      inner_(message_, wire::Header::size) {
    message_.reserve(usual_message_size);
    header.append_to(message_);
    XFRMD_ASSERT(outer_.begin(wire::PayloadType::encrypted) == sk_at_);
    append_iv(message_, protection_of(sa, context), *sa.session(), context);
}

Bytes SkMessageWriter::seal() {
    const crypto::Protection protection = protection_of(sa_, context_);
    const std::size_t body_at = sk_at_ + wire::generic_header_size;
    const std::size_t plain = message_.size() - body_at - protection.iv_size() + 1;
    const std::size_t block = protection.block_size();
    const std::size_t padding = (block - plain % block) % block;
    ByteWriter writer(message_);
    writer.zeros(padding);
    writer.u8(static_cast<std::uint8_t>(padding));
    writer.zeros(protection.icv_size());
    outer_.end(sk_at_);
    wire::finish_message(message_);
    const auto sealed = protection.seal(keys_of(*sa_.session(), sa_.role), message_, body_at);
    XFRMD_ASSERT(sealed.has_value());
    return std::move(message_);
}

std::expected<wire::Payloads, SkError> open_sk_message(IkeSa& sa, const wire::Header& header,
                                                       MutableByteView octets,
                                                       EngineContext& context) {
    const auto outer =
        wire::parse_payloads(header.next_payload, octets.subspan(wire::Header::size));
    if (!outer || !outer->encrypted) return std::unexpected(NotAuthentic{});
    const std::size_t body_at = octets.size() - outer->encrypted->body.size();

    const auto plain =
        protection_of(sa, context).open(keys_of(*sa.session(), other(sa.role)), octets, body_at);
    if (!plain) return std::unexpected(NotAuthentic{});

    const std::size_t padding = plain->empty() ? 0 : plain->back() + std::size_t{1};
    if (plain->empty() || padding > plain->size())
        return std::unexpected(wire::ParseError{wire::ParseError::Kind::invalid_syntax,
                                                wire::PayloadType::encrypted,
                                                "the padding is longer than the payload"});
    auto inner = wire::parse_inner_payloads(outer->encrypted->first_inner,
                                            plain->first(plain->size() - padding));
    if (!inner) return std::unexpected(inner.error());
    return std::move(*inner);
}

}  // namespace xfrmd::ike
