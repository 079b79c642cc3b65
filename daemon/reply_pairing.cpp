#include "daemon/reply_pairing.hpp"

namespace xfrmd::daemon {

ReplyPairing::ReplyPairing(std::uint32_t first_sequence, std::size_t count)
    : first_sequence_(first_sequence), slots_(count) {}

void ReplyPairing::take(xfrm::Replies&& replies) {
    for (xfrm::Reply& reply : replies.replies) {
        const std::uint32_t place = reply.sequence - first_sequence_;
        if (place >= slots_.size()) continue;
        Slot& slot = slots_[place];
        if (slot.answered || !xfrm::absorb(std::move(reply), slot.result)) continue;
        slot.answered = true;
        ++answered_;
    }
}

}  // namespace xfrmd::daemon
