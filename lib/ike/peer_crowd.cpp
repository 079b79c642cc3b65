#include "ike/peer_crowd.hpp"

#include <fmt/format.h>

#include "ike/ike_sa_table.hpp"

namespace xfrmd::ike {

bool PeerCrowd::admit(IkeSa& newest) {
    if (is_one_too_many(newest)) {
        newest.close(Reason::limit_reached, context_);
        context_.unsettled.push_back(newest.own_spi());
        return false;
    }
    end_oldest(newest);
    return true;
}

/// Only who is new can be: a peer that is there may go on.
bool PeerCrowd::is_one_too_many(const IkeSa& newest) const {
    if (newest.phase1().type != config::GatewayType::dynamic ||
        peers_.same_peer(newest.own_spi()).size() > 1)
        return false;
    return newest.tunnel->ike_sas.size() > most_ike_sas_of_dial_up ||
           peers_.peers_at(newest, most_peers_at_address + 1) > most_peers_at_address;
}

/// Without a word to the peer, which knows how many it has made: a DELETE of each would have to be
/// remembered until it is answered.
void PeerCrowd::end_oldest(const IkeSa& newest) {
    std::vector<IkeSa*> living;
    for (IkeSpi spi : peers_.same_peer(newest.own_spi())) {
        IkeSa* sa = context_.sas->find(spi);
        if (sa != nullptr && sa->is_established() && !sa->is_closing()) living.push_back(sa);
    }
    if (living.size() <= most_ike_sas_of_peer) return;
    living.resize(living.size() - most_ike_sas_of_peer);
    for (IkeSa* sa : living) {
        context_.unsettled.push_back(sa->own_spi());
        sa->remove(Reason::limit_reached,
                   fmt::format("the peer has more than {} IKE SAs: its oldest one ends",
                               most_ike_sas_of_peer),
                   context_);
    }
}

}  // namespace xfrmd::ike
