#include "ike/sealing.hpp"

#include "base/assert.hpp"
#include "wire/message.hpp"

namespace xfrmd::ike {
namespace {

/// The keys that protect what `sender` sends.
crypto::ProtectionKeys keys_of(const Session& session, Role sender) {
    if (sender == Role::initiator) return {session.keys.sk_ei.view(), session.keys.sk_ai.view()};
    return {session.keys.sk_er.view(), session.keys.sk_ar.view()};
}

std::size_t padding_size(const crypto::Protection& protection, std::size_t plain) {
    const std::size_t block = protection.block_size();
    return (block - (plain + 1) % block) % block;
}

}  // namespace

crypto::Protection protection_of(const IkeSa& sa, const EngineContext& context) {
    return {context.library, sa.suite.cipher, sa.suite.integrity};
}

/// AEAD: a counter, never used twice under one key. CBC: unpredictable (RFC 7296 section 3.14).
void append_iv(IkeSa& sa, Bytes& message, EngineContext& context) {
    const crypto::Protection protection = protection_of(sa, context);
    Session& session = *sa.session();
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

std::size_t trailer_size(const crypto::Protection& protection, std::size_t plain) {
    return padding_size(protection, plain) + 1 + protection.icv_size();
}

void seal(IkeSa& sa, const Unsealed& unsealed, EngineContext& context) {
    const auto& [message, chain, payload_at, body_at] = unsealed;
    const crypto::Protection protection = protection_of(sa, context);
    const std::size_t plain = message.size() - body_at - protection.iv_size();
    const std::size_t padding = padding_size(protection, plain);
    ByteWriter writer(message);
    writer.zeros(padding);
    writer.u8(static_cast<std::uint8_t>(padding));
    writer.zeros(protection.icv_size());
    chain.end(payload_at);
    wire::finish_message(message);
    const auto sealed = protection.seal(keys_of(*sa.session(), sa.role), message, body_at);
    XFRMD_ASSERT(sealed.has_value());
}

std::expected<ByteView, crypto::CryptoError> unseal(IkeSa& sa, Role sender, MutableByteView message,
                                                    std::size_t body_at, EngineContext& context) {
    return protection_of(sa, context).open(keys_of(*sa.session(), sender), message, body_at);
}

std::expected<ByteView, wire::ParseError> without_padding(ByteView plain, wire::PayloadType type) {
    const std::size_t padding = plain.empty() ? 1 : plain.back() + std::size_t{1};
    if (padding > plain.size())
        return wire::invalid_syntax(type, "the padding is longer than the payload");
    return plain.first(plain.size() - padding);
}

}  // namespace xfrmd::ike
