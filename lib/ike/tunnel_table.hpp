// The configured tunnels, and which of them a caller may mean.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ike/input_output.hpp"
#include "ike/policy_table.hpp"
#include "ike/tunnel.hpp"

namespace xfrmd::ike {

/// A phase 2 by its tunnel and its place among that one's.
struct Phase2Place {
    std::shared_ptr<Tunnel> tunnel;
    std::size_t phase2 = 0;
};

/// "phase 2 lan of hq", with the peer's address if it has several, for messages.
std::string describe(const PolicyOwner& owner, const class TunnelTable& tunnels);

/// Finds tunnels by name, number, reqid and peer address in O(log n). Keeps the network devices,
/// which tell the addresses that are ours.
class TunnelTable {
  public:
    void add(std::shared_ptr<Tunnel> tunnel);
    void remove(const std::string& name);
    const std::map<std::string, std::shared_ptr<Tunnel>, std::less<>>& by_name() const {
        return by_name_;
    }
    std::shared_ptr<Tunnel> find(std::string_view name) const;
    std::shared_ptr<Tunnel> find(std::uint64_t number) const;
    /// The phase 2 that has a reqid, be it its even or its odd one; nothing if none has.
    std::optional<Phase2Place> find(Reqid reqid) const;

    /// The tunnels that a peer at `remote` which calls `local` may mean: those with its address,
    /// by name, then those that take any (dial-up servers, peers known by a name, whose address
    /// may have changed since), by name.
    std::vector<std::shared_ptr<Tunnel>> candidates(const IpAddress& local,
                                                    const IpAddress& remote) const;

    /// The tunnels whose peer is known to have this address, by name, whether they are usable or
    /// not.
    const std::vector<std::shared_ptr<Tunnel>>& at(const IpAddress& remote) const;

    /// Of these the ones whose packets leave from `local`.
    std::vector<std::shared_ptr<Tunnel>> between(const IpAddress& local,
                                                 const IpAddress& remote) const;

    /// The name of a tunnel's peer stands for this address now.
    void set_remote(const std::shared_ptr<Tunnel>& tunnel, const IpAddress& remote);

    void set_interfaces(std::vector<Interface> interfaces);
    const Interface* interface(std::string_view name) const;
    const Interface* interface(std::uint32_t index) const;
    /// Some device of this machine announces that it can do ESP.
    bool can_offload() const { return can_offload_; }
    /// "local-gw", or the first address of the tunnel's device; nothing if there is none.
    std::optional<IpAddress> local_address(const config::Phase1& phase1) const;

  private:
    using List = std::vector<std::shared_ptr<Tunnel>>;

    bool may_mean(const Tunnel& tunnel, const IpAddress& local, const IpAddress& remote) const;
    bool listens_on(const config::Phase1& phase1, const IpAddress& local) const;
    void list(const std::shared_ptr<Tunnel>& tunnel, List& where);
    void unlist(const std::shared_ptr<Tunnel>& tunnel);

    std::map<std::string, std::shared_ptr<Tunnel>, std::less<>> by_name_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Tunnel>> by_number_;
    std::unordered_map<Reqid, Phase2Place> by_reqid_;  ///< by the even ones
    std::map<IpAddress, List> by_remote_;
    List any_remote_;
    std::map<std::string, Interface, std::less<>> interfaces_;
    std::unordered_map<std::uint32_t, std::string> interface_names_;  ///< by index
    bool can_offload_ = false;
};

}  // namespace xfrmd::ike
