// Message IDs, retransmissions and duplicates of one IKE SA (RFC 7296 sections 2.1 to 2.3).
//
// The window is one in each direction: one request of ours is outstanding, and of the peer's
// requests the last one's response is kept to be sent again.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "ike/first_message.hpp"
#include "ike/timers.hpp"

namespace xfrmd::ike {

/// A message as it goes out: the datagrams that it takes, in order. Never empty once it is sent.
using Datagrams = std::vector<Bytes>;

inline Datagrams one_datagram(Bytes octets) {
    Datagrams datagrams;
    datagrams.push_back(std::move(octets));
    return datagrams;
}

/// A request once more proves nothing about where it comes from. True if an answer may go there all
/// the same: it is not much longer than the request.
inline bool may_be_sent_to_anybody(const Datagrams& answer, std::size_t request_size) {
    std::size_t size = 0;
    for (const Bytes& datagram : answer)
        size += datagram.size();
    return size <= longest_answer_to(request_size);
}

/// A request of ours that waits for its response.
struct OutstandingRequest {
    MessageId id;
    Datagrams datagrams;  ///< what every transmission repeats
    Instant first_sent;
    std::size_t transmissions = 1;
    /// Counted from the first transmission: unanswered so long, the peer is dead.
    Duration patience = retransmission_ceiling;
};

/// What to do with a request of the peer's, judged before any cryptography.
enum class RequestVerdict : std::uint8_t {
    fresh,      ///< the next one: handle it
    duplicate,  ///< the last one again, octet by octet: send the stored response
    stray,      ///< too old, too new, or another message under the last one's ID: drop
};

class MessageWindow {
  public:
    // Our requests.
    bool idle() const { return !outstanding_; }
    MessageId next_request_id() const { return next_request_id_; }
    /// Takes the next ID. There must be no other request outstanding.
    void sent_request(Datagrams datagrams, Instant now);
    /// Another request in place of the outstanding one, under its ID (IKE_SA_INIT only).
    void replace_request(Datagrams datagrams, Instant now);
    OutstandingRequest* outstanding() { return outstanding_ ? &*outstanding_ : nullptr; }
    bool expects_response(MessageId id) const { return outstanding_ && outstanding_->id == id; }
    /// The outstanding request was answered.
    void received_response() { outstanding_.reset(); }

    // The peer's requests.
    RequestVerdict judge_request(MessageId id, ByteView octets) const;
    /// The request was authentic. Its ID is used up, whatever becomes of it.
    void accepted_request(MessageId id, std::uint64_t fingerprint);
    /// Keeps the response to the request accepted last.
    void sent_response(Datagrams datagrams) { last_response_ = std::move(datagrams); }
    const Datagrams& last_response() const { return last_response_; }
    /// The peer asked again: how often the response goes out, this time included.
    std::size_t repeat_response() { return ++response_transmissions_; }
    /// The request accepted last was this one, and it was answered.
    bool has_answered(MessageId id) const {
        return id.value() + 1 == next_peer_request_id_.value() && !last_response_.empty();
    }
    std::uint64_t last_request_fingerprint() const { return last_request_fingerprint_; }

    /// Tells one message from another; taken before decryption changes the octets. Not a
    /// cryptographic hash: who can make two equal ones gains the stored response, nothing more.
    static std::uint64_t fingerprint(ByteView octets);

  private:
    MessageId next_request_id_{0};
    MessageId next_peer_request_id_{0};
    std::optional<OutstandingRequest> outstanding_;
    Datagrams last_response_;
    std::size_t response_transmissions_ = 1;
    std::uint64_t last_request_fingerprint_ = 0;
};

}  // namespace xfrmd::ike
