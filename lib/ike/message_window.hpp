// Message IDs, retransmissions and duplicates of one IKE SA (RFC 7296 sections 2.1 to 2.3).
//
// The window is one in each direction: one request of ours is outstanding, and of the peer's
// requests the last one's response is kept to be sent again.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "ike/timers.hpp"

namespace xfrmd::ike {

/// A request of ours that waits for its response.
struct OutstandingRequest {
    MessageId id;
    Bytes octets;  ///< what every transmission repeats
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
    void sent_request(Bytes octets, Instant now);
    /// Another request in place of the outstanding one, under its ID (IKE_SA_INIT only).
    void replace_request(Bytes octets, Instant now);
    OutstandingRequest* outstanding() { return outstanding_ ? &*outstanding_ : nullptr; }
    bool expects_response(MessageId id) const { return outstanding_ && outstanding_->id == id; }
    /// The outstanding request was answered.
    void received_response() { outstanding_.reset(); }

    // The peer's requests.
    RequestVerdict judge_request(MessageId id, ByteView octets) const;
    /// The request was authentic. Its ID is used up, whatever becomes of it.
    void accepted_request(MessageId id, std::uint64_t fingerprint);
    /// Keeps the response to the request accepted last.
    void sent_response(Bytes octets) { last_response_ = std::move(octets); }
    const Bytes& last_response() const { return last_response_; }
    std::uint64_t last_request_fingerprint() const { return last_request_fingerprint_; }

    /// Tells one message from another; taken before decryption changes the octets. Not a
    /// cryptographic hash: who can make two equal ones gains the stored response, nothing more.
    static std::uint64_t fingerprint(ByteView octets);

  private:
    MessageId next_request_id_{0};
    MessageId next_peer_request_id_{0};
    std::optional<OutstandingRequest> outstanding_;
    Bytes last_response_;
    std::uint64_t last_request_fingerprint_ = 0;
};

}  // namespace xfrmd::ike
