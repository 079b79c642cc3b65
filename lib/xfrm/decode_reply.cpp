#include "xfrm/decode_reply.hpp"

#include <cerrno>

#include "xfrm/decode_status.hpp"
#include "xfrm/netlink_reader.hpp"

namespace xfrmd::xfrm {
namespace {

/// Up to the terminating zero, and nothing that would upset a terminal or a journal.
std::string printable(ByteView octets) {
    std::string text;
    for (std::uint8_t octet : octets.first(std::min(octets.size(), kernel_message_max))) {
        if (octet == 0) break;
        text += octet >= 0x20 && octet < 0x7f ? static_cast<char>(octet) : '?';
    }
    return text;
}

/// Errors are sent as negative errnos; a positive one would be the kernel's slip.
int positive_errno(std::int32_t error) {
    if (error > 0 || error < -4095) return EPROTO;
    return -error;
}

/// The attributes behind the echoed request, of which a capped answer has the header only.
Attributes extended_attributes(const NetlinkMessage& message, const uapi::ErrorHeader& head) {
    if ((message.header.flags & uapi::flag::ack_tlvs) == 0) return Attributes({});
    std::size_t skipped = sizeof head;
    if (head.error != 0 && (message.header.flags & uapi::flag::capped) == 0 &&
        head.request.length > sizeof head.request) {
        const std::size_t echoed = head.request.length - sizeof head.request;
        skipped += (echoed + 3) & ~std::size_t{3};
    }
    if (skipped >= message.payload.size()) return Attributes({});
    return Attributes(message.payload.subspan(skipped));
}

std::optional<Acknowledged> decode_acknowledgement(const NetlinkMessage& message) {
    const auto head = read_layout<uapi::ErrorHeader>(message.payload);
    if (!head) return std::nullopt;
    const Attributes attributes = extended_attributes(message, *head);
    Acknowledged answer;
    answer.error = positive_errno(head->error);
    if (const auto text = attributes.find(uapi::extended_ack::message))
        answer.message = printable(*text);
    answer.offset = attributes.get<std::uint32_t>(uapi::extended_ack::offset);
    return answer;
}

/// Nothing for a message that names no device, as of a route that leads nowhere.
std::optional<RouteStatus> decode_route(ByteView payload) {
    const auto body = read_body<uapi::route::RouteMessage>(payload);
    if (!body) return std::nullopt;
    const auto device = body->attributes.get<std::uint32_t>(uapi::route::route_device);
    if (!device) return std::nullopt;
    return RouteStatus{*device};
}

template <class T>
decltype(Reply::content) status_or_foreign(std::optional<T> status) {
    if (status) return *std::move(status);
    return Foreign{};
}

/// Nothing for a message of no interest; sets `malformed` for one that was cut.
std::optional<decltype(Reply::content)> decode_content(const NetlinkMessage& message,
                                                       bool& malformed) {
    switch (message.header.type) {
        case uapi::netlink_error:
            if (auto answer = decode_acknowledgement(message)) return *std::move(answer);
            break;
        case uapi::netlink_done: {
            const auto error = read_layout<std::int32_t>(message.payload);
            return DumpEnd{error ? positive_errno(*error) : 0};
        }
        case uapi::message::newsa:
            if (message.payload.size() >= sizeof(uapi::UserSaInfo))
                return status_or_foreign(decode_sa(message.payload));
            break;
        case uapi::message::newpolicy:
            if (message.payload.size() >= sizeof(uapi::UserPolicyInfo))
                return status_or_foreign(decode_policy(message.payload));
            break;
        case uapi::route::newroute:
            if (message.payload.size() >= sizeof(uapi::route::RouteMessage))
                return status_or_foreign(decode_route(message.payload));
            break;
        default: return std::nullopt;
    }
    malformed = true;
    return std::nullopt;
}

}  // namespace

Replies decode_replies(ByteView buffer) {
    Replies out;
    NetlinkReader reader(buffer);
    while (const auto message = reader.next()) {
        if (auto content = decode_content(*message, out.malformed))
            out.replies.push_back(
                {message->header.sequence, message->header.port_id, *std::move(content)});
    }
    out.malformed |= reader.malformed();
    return out;
}

bool absorb(Reply&& reply, OperationResult& result) {
    if (auto* answer = std::get_if<Acknowledged>(&reply.content)) {
        result.error = answer->error;
        result.message = std::move(answer->message);
        return true;
    }
    if (auto* sa = std::get_if<SaStatus>(&reply.content)) result.status = std::move(*sa);
    if (auto* policy = std::get_if<PolicyStatus>(&reply.content)) result.status = *policy;
    if (auto* route = std::get_if<RouteStatus>(&reply.content)) result.status = *route;
    return false;
}

}  // namespace xfrmd::xfrm
