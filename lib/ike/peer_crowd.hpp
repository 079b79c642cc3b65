// Peers that are too many: how many IKE SAs one of them may have, and how many peers there may be.
#pragma once

#include "ike/engine_context.hpp"
#include "ike/peer_index.hpp"

namespace xfrmd::ike {

class PeerCrowd {
  public:
    PeerCrowd(EngineContext& context, const PeerIndex& peers) : context_(context), peers_(peers) {}

    /// An IKE SA has come up and is in the index. Ends the oldest ones of its peer if it has too
    /// many. False if the peer itself is one too many of a dial-up server: its IKE SA ends.
    bool admit(IkeSa& newest);

  private:
    bool is_one_too_many(const IkeSa& newest) const;
    void end_oldest(const IkeSa& newest);

    EngineContext& context_;
    const PeerIndex& peers_;
};

}  // namespace xfrmd::ike
