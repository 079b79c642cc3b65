// Which IKE SAs are with the same peer.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ike/ike_sa.hpp"

namespace xfrmd::ike {

/// Established IKE SAs by tunnel and identity of the peer; those of a dial-up server by the peer's
/// address as well, for its peers may share an identity. Every question costs O(log n).
class PeerIndex {
  public:
    void add(const IkeSa& sa);
    void remove(IkeSpi own_spi);
    /// Our SPIs of all IKE SAs with the peer of this one, in the order of their coming; itself is
    /// among them. Empty if it is not known.
    std::vector<IkeSpi> same_peer(IkeSpi own_spi) const;
    /// The same for one that need not be among them.
    std::vector<IkeSpi> same_peer(const IkeSa& sa) const;
    /// Peers of this one's dial-up server that have its address, itself included; counted up to
    /// `most`.
    std::size_t peers_at(const IkeSa& sa, std::size_t most) const;

  private:
    struct Peer {
        std::uint64_t tunnel = 0;
        std::optional<IpAddress> address;  ///< for dial-up servers
        wire::IdType id_type{};
        Bytes id;
        friend auto operator<=>(const Peer&, const Peer&) = default;
    };
    static Peer peer_of(const IkeSa& sa);
    using Groups = std::map<Peer, std::vector<IkeSpi>>;

    Groups groups_;
    std::unordered_map<IkeSpi, Groups::iterator> group_of_;
};

}  // namespace xfrmd::ike
