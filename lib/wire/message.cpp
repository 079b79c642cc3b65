#include "wire/message.hpp"

#include <algorithm>
#include <limits>

#include "base/assert.hpp"
#include "base/try.hpp"
#include "wire/header.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::wire {
namespace {

using Result = std::expected<void, ParseError>;

/// An error under the name that the payload has in its message.
std::unexpected<ParseError> renamed(ParseError error, PayloadType type) {
    error.payload = type;
    return std::unexpected(error);
}

template <class P>
std::expected<P, ParseError> parse_body(const RawPayload& raw) {
    if constexpr (requires { P::parse(raw.next, raw.body); })
        return P::parse(raw.next, raw.body);
    else
        return P::parse(raw.body);
}

template <class P>
Result take_once(const RawPayload& raw, std::optional<P>& place) {
    if (place) return invalid_syntax(raw.type, "stands twice in the message");
    auto parsed = parse_body<P>(raw);
    if (!parsed) return renamed(parsed.error(), raw.type);
    place = *std::move(parsed);
    return {};
}

template <class P>
Result take_each(const RawPayload& raw, std::size_t limit, std::vector<P>& list) {
    if (list.size() == limit) return invalid_syntax(raw.type, "too many in the message");
    list.push_back(XFRMD_TRY(parse_body<P>(raw)));
    return {};
}

Result take_unknown(const RawPayload& raw) {
    if (!raw.critical) return {};
    return std::unexpected(ParseError{ParseError::Kind::unsupported_critical_payload, raw.type,
                                      "critical payload of unknown type"});
}

Result take(const RawPayload& raw, Payloads& to) {
    switch (raw.type) {
        case PayloadType::none: break;
        case PayloadType::security_association: return take_once(raw, to.sa);
        case PayloadType::key_exchange: return take_once(raw, to.ke);
        case PayloadType::identification_initiator: return take_once(raw, to.idi);
        case PayloadType::identification_responder: return take_once(raw, to.idr);
        case PayloadType::certificate: return take_each(raw, Payloads::max_certs, to.certs);
        case PayloadType::certificate_request:
            return take_each(raw, Payloads::max_cert_requests, to.cert_requests);
        case PayloadType::authentication: return take_once(raw, to.auth);
        case PayloadType::nonce: return take_once(raw, to.nonce);
        case PayloadType::notify: return take_each(raw, Payloads::max_notifies, to.notifies);
        case PayloadType::delete_: return take_each(raw, Payloads::max_deletes, to.deletes);
        case PayloadType::vendor_id: return take_each(raw, Payloads::max_vendor_ids, to.vendor_ids);
        case PayloadType::traffic_selectors_initiator: return take_once(raw, to.tsi);
        case PayloadType::traffic_selectors_responder: return take_once(raw, to.tsr);
        case PayloadType::encrypted: return take_once(raw, to.encrypted);
        case PayloadType::configuration: return take_once(raw, to.config);
        case PayloadType::extensible_authentication: return take_once(raw, to.eap);
        case PayloadType::encrypted_fragment: return take_once(raw, to.encrypted_fragment);
    }
    return take_unknown(raw);
}

}  // namespace

const NotifyPayload* Payloads::find(NotifyType type) const {
    const auto found = std::ranges::find(notifies, type, &NotifyPayload::notify_type);
    return found == notifies.end() ? nullptr : &*found;
}

std::expected<Payloads, ParseError> parse_payloads(PayloadType first, ByteView chain) {
    Payloads payloads;
    PayloadChain walk(first, chain);
    while (const std::optional<RawPayload> raw = XFRMD_TRY(walk.next()))
        XFRMD_TRY(take(*raw, payloads));
    return payloads;
}

std::expected<Payloads, ParseError> parse_inner_payloads(PayloadType first, ByteView chain) {
    std::expected<Payloads, ParseError> payloads = parse_payloads(first, chain);
    if (!payloads) return payloads;
    if (payloads->encrypted)
        return invalid_syntax(PayloadType::encrypted, "stands inside of an encrypted payload");
    if (payloads->encrypted_fragment)
        return invalid_syntax(PayloadType::encrypted_fragment,
                              "stands inside of an encrypted payload");
    return payloads;
}

void finish_message(Bytes& message) {
    XFRMD_ASSERT(message.size() >= Header::size);
    XFRMD_ASSERT(message.size() <= std::numeric_limits<std::uint32_t>::max());
    ByteWriter(message).patch_u32(Header::length_at, static_cast<std::uint32_t>(message.size()));
}

}  // namespace xfrmd::wire
