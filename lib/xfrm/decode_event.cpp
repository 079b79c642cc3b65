#include "xfrm/decode_event.hpp"

#include "xfrm/layout.hpp"

namespace xfrmd::xfrm {
namespace {

/// Nothing: not ours, or of no interest.
using Decoded = std::optional<Event>;

Decoded decode_acquire(ByteView payload) {
    const auto body = read_body<uapi::UserAcquire>(payload);
    if (!body) return StateUncertain{};
    const uapi::UserAcquire& acquire = body->fixed;
    const auto tmpl = body->attributes.get<uapi::UserTemplate>(uapi::attribute::tmpl);
    const auto flow = from_kernel(acquire.sel);
    const auto outer = family_from_kernel(tmpl ? tmpl->family : acquire.sel.family);
    if (!flow || !outer || acquire.id.proto != uapi::protocol_esp) return std::nullopt;

    Acquire event;
    event.sequence = acquire.seq;
    event.policy = PolicyIndex(acquire.policy.index);
    event.if_id = read_if_id(body->attributes);
    event.reqid = Reqid(tmpl ? tmpl->reqid : 0);
    event.flow = *flow;
    event.source = from_kernel(acquire.saddr, *outer);
    event.destination = from_kernel(acquire.id.daddr, *outer);
    if (tmpl && tmpl->mode == static_cast<std::uint8_t>(Mode::transport))
        event.mode = Mode::transport;
    if (!is_own(event.reqid) && !is_own(event.policy)) return std::nullopt;
    return event;
}

Decoded decode_expire(ByteView payload) {
    const auto expire = read_layout<uapi::UserExpire>(payload);
    if (!expire) return StateUncertain{};
    const uapi::UserSaInfo& state = expire->state;
    const auto family = family_from_kernel(state.family);
    const EspSpi spi(state.id.spi.host());
    if (!family || state.id.proto != uapi::protocol_esp || !is_own(Reqid(state.reqid)))
        return std::nullopt;
    // An acquire that nobody answered ends as an SA without an SPI.
    if (spi == EspSpi{}) return std::nullopt;
    return Expire{from_kernel(state.id.daddr, *family), spi, Reqid(state.reqid), expire->hard != 0};
}

Decoded decode_mapping(ByteView payload) {
    const auto mapping = read_layout<uapi::UserMapping>(payload);
    if (!mapping) return StateUncertain{};
    const auto family = family_from_kernel(mapping->id.family);
    if (!family || mapping->id.proto != uapi::protocol_esp || !is_own(Reqid(mapping->reqid)))
        return std::nullopt;
    return Mapping{
        from_kernel(mapping->id.daddr, *family),
        EspSpi(mapping->id.spi.host()),
        {from_kernel(mapping->old_saddr, *family), mapping->old_sport.host()},
        {from_kernel(mapping->new_saddr, *family), mapping->new_sport.host()},
    };
}

/// The deleted SA follows as an attribute.
Decoded decode_sa_deleted(ByteView payload) {
    const auto body = read_body<uapi::UserSaId>(payload);
    if (!body) return StateUncertain{};
    const auto sa = body->attributes.get<uapi::UserSaInfo>(uapi::attribute::sa);
    if (sa && !is_own(Reqid(sa->reqid))) return std::nullopt;
    return StateUncertain{};
}

/// The deleted policy follows as an attribute.
Decoded decode_policy_deleted(ByteView payload) {
    const auto body = read_body<uapi::UserPolicyId>(payload);
    if (!body) return StateUncertain{};
    const auto policy = body->attributes.get<uapi::UserPolicyInfo>(uapi::attribute::policy);
    const auto tmpl = body->attributes.get<uapi::UserTemplate>(uapi::attribute::tmpl);
    if (policy && !is_own(PolicyIndex(policy->index)) && !(tmpl && is_own(Reqid(tmpl->reqid))))
        return std::nullopt;
    return StateUncertain{};
}

Decoded decode_message(const NetlinkMessage& message, std::uint32_t own_port_id) {
    const bool is_own_deed = own_port_id != 0 && message.header.port_id == own_port_id;
    switch (message.header.type) {
        case uapi::message::acquire: return decode_acquire(message.payload);
        case uapi::message::expire: return decode_expire(message.payload);
        case uapi::message::mapping: return decode_mapping(message.payload);
        case uapi::netlink_overrun: return StateUncertain{};
        default: break;
    }
    if (is_own_deed) return std::nullopt;
    switch (message.header.type) {
        case uapi::message::delsa: return decode_sa_deleted(message.payload);
        case uapi::message::delpolicy: return decode_policy_deleted(message.payload);
        case uapi::message::flushsa:
        case uapi::message::flushpolicy: return StateUncertain{};
        default: return std::nullopt;
    }
}

}  // namespace

std::vector<Event> decode_events(ByteView buffer, std::uint32_t own_port_id) {
    std::vector<Event> events;
    NetlinkReader reader(buffer);
    while (const auto message = reader.next())
        if (auto event = decode_message(*message, own_port_id)) events.push_back(*event);
    if (reader.malformed()) events.emplace_back(StateUncertain{});
    return events;
}

}  // namespace xfrmd::xfrm
