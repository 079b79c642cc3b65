#include "ike/first_message.hpp"

#include "wire/notify_payload.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::ike {
namespace {

using wire::PayloadType;

// RFC 7296 section 3.9: "The size of the Nonce Data MUST be between 16 and 256 octets, inclusive."
constexpr std::size_t nonce_min = 16;
constexpr std::size_t nonce_max = 256;
// RFC 7296 section 2.6: "between 1 and 64 octets in length".
constexpr std::size_t cookie_max = 64;

/// The data of N(COOKIE); empty for anything else.
ByteView cookie_in(const wire::RawPayload& payload) {
    if (payload.type != PayloadType::notify) return {};
    const auto notify = wire::NotifyPayload::parse(payload.body);
    const bool is_cookie = notify && notify->notify_type == wire::NotifyType::cookie &&
                           notify->data.size() <= cookie_max;
    return is_cookie ? notify->data : ByteView{};
}

bool is_group_or_broadcast(const IpAddress& address) {
    const std::uint8_t first = address.bytes()[0];
    // 224.0.0.0/4 and what is above it, 255.255.255.255 included; ff00::/8.
    return address.family() == IpFamily::v4 ? first >= 224 : first == 0xff;
}

}  // namespace

std::optional<FirstMessage> look_at(const wire::Header& header, ByteView octets) {
    FirstMessage seen;
    bool has_sa = false;
    bool has_ke = false;
    bool is_first = true;
    wire::PayloadChain chain(header.next_payload, octets.subspan(wire::Header::size));
    for (auto next = chain.next();; next = chain.next()) {
        if (!next) return std::nullopt;
        if (!*next) break;
        const wire::RawPayload& payload = **next;
        if (is_first) seen.cookie = cookie_in(payload);
        is_first = false;
        has_sa |= payload.type == PayloadType::security_association;
        has_ke |= payload.type == PayloadType::key_exchange;
        if (payload.type == PayloadType::nonce) seen.nonce = payload.body;
    }
    const bool is_nonce = seen.nonce.size() >= nonce_min && seen.nonce.size() <= nonce_max;
    return has_sa && has_ke && is_nonce ? std::optional(seen) : std::nullopt;
}

bool may_be_answered(const Endpoint& caller, const Endpoint& own) {
    return caller.port != 0 && caller != own && !caller.address.is_any() &&
           !is_group_or_broadcast(caller.address);
}

}  // namespace xfrmd::ike
