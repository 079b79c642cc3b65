// Finds for each request of a batch what the kernel answered, by sequence number.
#pragma once

#include <cstdint>
#include <vector>

#include "xfrm/decode_reply.hpp"

namespace xfrmd::daemon {

class ReplyPairing {
  public:
    /// `count` requests with consecutive sequence numbers.
    ReplyPairing(std::uint32_t first_sequence, std::size_t count);

    /// Replies to anything else, such as those that came too late for an earlier batch, are passed
    /// over.
    void take(xfrm::Replies&& replies);
    bool complete() const { return answered_ == slots_.size(); }

    struct Slot {
        xfrm::OperationResult result;
        bool answered = false;
    };
    /// In the order of the requests.
    std::vector<Slot>& slots() { return slots_; }

  private:
    std::uint32_t first_sequence_;
    std::vector<Slot> slots_;
    std::size_t answered_ = 0;
};

}  // namespace xfrmd::daemon
