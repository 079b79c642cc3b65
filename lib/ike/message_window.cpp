#include "ike/message_window.hpp"

#include "base/assert.hpp"

namespace xfrmd::ike {

void MessageWindow::sent_request(Datagrams datagrams, Instant now) {
    XFRMD_ASSERT(!outstanding_);
    outstanding_ = OutstandingRequest{next_request_id_, std::move(datagrams), now, 1};
    next_request_id_ = MessageId(next_request_id_.value() + 1);
}

void MessageWindow::replace_request(Datagrams datagrams, Instant now) {
    XFRMD_ASSERT(outstanding_.has_value());
    outstanding_ = OutstandingRequest{outstanding_->id, std::move(datagrams), now, 1};
}

RequestVerdict MessageWindow::judge_request(MessageId id, ByteView octets) const {
    if (id == next_peer_request_id_) return RequestVerdict::fresh;
    if (has_answered(id) && fingerprint(octets) == last_request_fingerprint_)
        return RequestVerdict::duplicate;
    return RequestVerdict::stray;
}

void MessageWindow::accepted_request(MessageId id, std::uint64_t fingerprint) {
    next_peer_request_id_ = MessageId(id.value() + 1);
    last_request_fingerprint_ = fingerprint;
    last_response_.clear();
    last_response_.shrink_to_fit();
    response_transmissions_ = 1;
}

std::uint64_t MessageWindow::fingerprint(ByteView octets) {
    // FNV-1a, 64 bits.
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (std::uint8_t octet : octets)
        hash = (hash ^ octet) * 0x100000001b3ULL;
    return hash;
}

}  // namespace xfrmd::ike
