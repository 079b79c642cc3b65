#include "sim/wiretap.hpp"

#include <stdexcept>
#include <utility>

#include "crypto/protection.hpp"

namespace xfrmd::test {
namespace {

crypto::Protection protection_of(const crypto::Library& library, const ike::KeyLog& keys) {
    return {library, keys.suite.cipher, keys.suite.integrity};
}

crypto::ProtectionKeys keys_of(const ike::KeyLog& keys, bool initiator) {
    if (initiator) return {keys.sk_ei.view(), keys.sk_ai.view()};
    return {keys.sk_er.view(), keys.sk_ar.view()};
}

template <class T, class E>
T must(std::expected<T, E> result, const char* what) {
    if (!result) throw std::runtime_error(what);
    return std::move(*result);
}

}  // namespace

OpenedMessage read_clear(ByteView datagram) {
    OpenedMessage message;
    message.octets = to_bytes(datagram);
    message.header = must(wire::Header::parse(message.octets), "not an IKE message");
    message.first = message.header.next_payload;
    message.chain = ByteView(message.octets).subspan(wire::Header::size);
    message.payloads = must(wire::parse_payloads(message.first, message.chain), "not payloads");
    return message;
}

Bytes write_clear(const wire::Header& header, const std::function<void(wire::ChainWriter&)>& fill) {
    Bytes octets;
    header.append_to(octets);
    wire::ChainWriter chain(octets, wire::Header::next_payload_at);
    fill(chain);
    wire::finish_message(octets);
    return octets;
}

std::vector<wire::NotifyType> notify_types(const OpenedMessage& message) {
    std::vector<wire::NotifyType> types;
    for (const wire::NotifyPayload& notify : message.payloads.notifies)
        types.push_back(notify.notify_type);
    return types;
}

Wiretap::Wiretap(const crypto::Library& library, const ike::KeyLog& keys)
    : library_(library), keys_(keys) {}

OpenedMessage Wiretap::open(ByteView datagram) const {
    OpenedMessage message;
    message.octets = to_bytes(datagram);
    message.header = must(wire::Header::parse(message.octets), "not an IKE message");
    const auto outer =
        must(wire::parse_payloads(message.header.next_payload,
                                  ByteView(message.octets).subspan(wire::Header::size)),
             "not payloads");
    if (!outer.encrypted) throw std::runtime_error("not a protected message");
    const std::size_t body_at = message.octets.size() - outer.encrypted->body.size();
    const ByteView plain =
        must(protection_of(library_, keys_)
                 .open(keys_of(keys_, message.header.initiator), message.octets, body_at),
             "not authentic");
    message.first = outer.encrypted->first_inner;
    message.chain = plain.first(plain.size() - 1 - plain.back());
    message.payloads =
        must(wire::parse_inner_payloads(message.first, message.chain), "not payloads inside");
    return message;
}

Bytes Wiretap::seal(wire::Header header, const std::function<void(wire::ChainWriter&)>& fill) {
    Bytes octets;
    header.append_to(octets);
    wire::ChainWriter outer(octets, wire::Header::next_payload_at);
    const std::size_t sk = outer.begin(wire::PayloadType::encrypted);
    const std::size_t body_at = octets.size();
    append_iv(octets);
    wire::ChainWriter inner(octets, sk);
    fill(inner);
    finish(octets, outer, sk, body_at);
    return octets;
}

Bytes Wiretap::seal_fragment(const wire::Header& header, const Piece& piece) {
    Bytes octets;
    header.append_to(octets);
    wire::ChainWriter outer(octets, wire::Header::next_payload_at);
    const std::size_t skf = outer.begin(wire::PayloadType::encrypted_fragment);
    ByteWriter writer(octets);
    writer.patch_u8(skf, std::to_underlying(piece.first));
    writer.u16(piece.number);
    writer.u16(piece.total);
    const std::size_t body_at = octets.size();
    append_iv(octets);
    writer.bytes(piece.plain);
    finish(octets, outer, skf, body_at);
    return octets;
}

void Wiretap::append_iv(Bytes& octets) {
    ByteWriter writer(octets);
    writer.u64(next_iv_++);
    writer.zeros(protection_of(library_, keys_).iv_size() - 8);
}

void Wiretap::finish(Bytes& octets, wire::ChainWriter& outer, std::size_t payload_at,
                     std::size_t body_at) const {
    const crypto::Protection protection = protection_of(library_, keys_);
    const std::size_t plain = octets.size() - body_at - protection.iv_size() + 1;
    const std::size_t block = protection.block_size();
    const std::size_t padding = (block - plain % block) % block;
    ByteWriter writer(octets);
    writer.zeros(padding);
    writer.u8(static_cast<std::uint8_t>(padding));
    writer.zeros(protection.icv_size());
    outer.end(payload_at);
    wire::finish_message(octets);
    const bool initiator = (octets[19] & 8) != 0;
    if (!protection.seal(keys_of(keys_, initiator), octets, body_at))
        throw std::runtime_error("cannot seal");
}

wire::Header Wiretap::request(wire::ExchangeType exchange, std::uint32_t id, bool initiator) const {
    wire::Header header;
    header.spi_i = keys_.spi_i;
    header.spi_r = keys_.spi_r;
    header.exchange = exchange;
    header.initiator = initiator;
    header.message_id = MessageId(id);
    return header;
}

Bytes Wiretap::without(ByteView datagram,
                       const std::function<bool(const wire::RawPayload&)>& leave_out) {
    const OpenedMessage message = open(datagram);
    wire::Header header = message.header;
    header.next_payload = wire::PayloadType::none;
    wire::PayloadChain chain(message.first, message.chain);
    std::vector<wire::RawPayload> kept;
    for (auto next = chain.next(); next && *next; next = chain.next())
        if (!leave_out(**next)) kept.push_back(**next);
    Bytes octets = seal(header, [&](wire::ChainWriter& writer) {
        for (const wire::RawPayload& payload : kept) {
            struct Raw {
                ByteView body;
                void append_to(Bytes& out) const {
                    out.insert(out.end(), body.begin(), body.end());
                }
            };
            writer.add(payload.type, Raw{payload.body});
        }
    });
    return octets;
}

}  // namespace xfrmd::test
