// What IKE SAs answered last before they were gone.
//
// A refusal or the answer to a DELETE ends an IKE SA, and may be lost on its way. The peer then
// asks again, and would take the silence for a dead peer. RFC 7296 section 2.1 wants every response
// remembered; those of IKE SAs that are gone are remembered here, while peers may still ask again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "ike/input_output.hpp"
#include "ike/message_window.hpp"

namespace xfrmd::ike {

class LastWords {
  public:
    /// Retransmissions of ours come 3, 9 and 21 s after the request; other daemons' are no later.
    static constexpr std::chrono::seconds kept{30};
    /// More ends than this in that time are a mass of tunnels going down, or an attack: the oldest
    /// are forgotten, which costs their peers some retransmissions.
    static constexpr std::size_t most = 256;

    /// A response goes out no more often: a peer asks again at most four times.
    static constexpr std::size_t most_repeats = 8;

    /// `peer` is where the response went.
    void keep(IkeSpi own_spi, const MessageWindow& window, const IpAddress& peer, Instant now) {
        if (window.last_response().empty()) return;
        if (entries_.size() == most) entries_.pop_front();
        entries_.push_back(
            {own_spi, window.last_request_fingerprint(), window.last_response(), peer, now + kept});
    }

    /// The answer to a request that comes once more; null if it is not one, or if the answer must
    /// not go to whoever sent it.
    const Datagrams* answer(IkeSpi own_spi, const DatagramReceived& request, Instant now) {
        while (!entries_.empty() && entries_.front().until <= now)
            entries_.pop_front();
        for (Entry& entry : entries_)
            if (entry.own_spi == own_spi &&
                entry.request == MessageWindow::fingerprint(request.octets))
                return may_go_out(entry, request) ? &entry.response : nullptr;
        return nullptr;
    }

  private:
    struct Entry {
        IkeSpi own_spi;
        std::uint64_t request = 0;
        Datagrams response;
        IpAddress peer;
        Instant until;
        std::size_t repeats = 0;
    };

    static bool may_go_out(Entry& entry, const DatagramReceived& request) {
        if (request.remote.address != entry.peer &&
            !may_be_sent_to_anybody(entry.response, request.octets.size()))
            return false;
        return ++entry.repeats <= most_repeats;
    }

    std::deque<Entry> entries_;  ///< oldest first
};

}  // namespace xfrmd::ike
